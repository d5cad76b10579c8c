"""Spanish in the United States and Puerto Rico: where it differs from Mexican Spanish.

The answer to HELP says that a carrier may charge, as carriers there ask for.
"""

from msgspec.structs import replace

from .es_MX import WORDS as MEXICAN

WORDS = replace(
    MEXICAN,
    tag="es-US",
    native_name="Español (Estados Unidos)",
    html_language="es-US",
    voice="Polly.Lupe-Neural",
    language="es-US",
    text=replace(
        MEXICAN.text,
        help=(
            "{brand}: códigos que pidió. Ayuda: {contact}. Pueden aplicarse tarifas. STOP: no recibir más. "
            "START: volver. CALL: llamada."
        ),
    ),
)
