"""Keys for SAYCODE_SECRET_KEY, as random as they should be."""

KEY = "5d1f0c8b9e7a42366f8c1b0a7d9e35c2"
NEW_KEY = "a94be07c51d2f8361c0d7e9b28f4a653"
OLD_KEY = "3e8f61b7d09c25a4f71b8e0d6c923a5f"
