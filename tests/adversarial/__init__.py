"""The hostile and unlucky situations that the service is built for, and the tests that hold them."""
