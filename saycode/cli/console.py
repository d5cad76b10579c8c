"""`saycode console`: the operator's console, on this machine only."""

import sys

import click

from .context import exit_with_error, load_settings_or_exit, open_store_and_tell


@click.command()
@click.option("--port", default=8003, show_default=True, type=click.IntRange(0, 65535))
@click.option("--example-traffic", is_flag=True, hidden=True)
def console(port: int, example_traffic: bool) -> None:
    """Serve the operator's console on the loopback address, and print a key to sign in with."""
    from ..config.url_parsers import is_loopback
    from ..console.command import CANNOT_LISTEN, serve
    from ..storage.connection import DatabaseUnusable

    settings = load_settings_or_exit()
    if example_traffic and not is_loopback(settings.api_base_url or ""):
        exit_with_error("Example traffic is only for a database of the simulator's: set TWILIO_API_BASE_URL to it.")
    try:
        served = serve(settings, open_store_and_tell(settings), port=port, examples=example_traffic)
    except DatabaseUnusable as problem:
        exit_with_error(str(problem))
    if not served:
        exit_with_error(f"Port {port} of 127.0.0.1 is taken: try --port.", code=CANNOT_LISTEN)
    sys.exit(0)
