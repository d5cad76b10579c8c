"""The accounts of the settings: credentials, addresses, senders, and the provider over them."""

from typing import TYPE_CHECKING, TypeAlias

from twiml.words import Words, match_language, renamed, words, words_in_voice
from verification.policy import Keypress
from webhooks.routes import public_urls

from ..config.settings import Settings
from .config import MachineDetection, TwilioAccount, TwilioConfig, WhatsApp
from .provider import TwilioProvider

if TYPE_CHECKING:
    from .standby import StandbyProvider

#: One account, or two of which the second takes over.
Carriers: TypeAlias = "TwilioProvider | StandbyProvider"


def build_provider(settings: Settings) -> Carriers:
    """The provider of the settings."""
    first, standby = _account_provider(settings), settings.standby
    if standby is None:
        return first
    from .standby import StandbyProvider

    sids = settings.dialect.sids, standby.dialect.sids
    return StandbyProvider(first=first, second=_account_provider(standby), sids=sids)


def _account_provider(settings: Settings) -> TwilioProvider:
    return TwilioProvider(
        twilio_config(settings),
        urls=public_urls(settings.public_url),
        words=lambda tag: _words(tag, settings),
        actions=settings.actions,
    )


def _words(tag: str, settings: Settings) -> Words:
    spoken = match_language(tag) or match_language(settings.language) or "en-US"
    voice = (settings.voices or {}).get(spoken)
    return renamed(words_in_voice(spoken, voice) if voice else words(spoken), settings.dialect.google_voices)


def twilio_account(settings: Settings) -> TwilioAccount:
    """The account that REST requests use."""
    return TwilioAccount(account_sid=settings.account_sid, key=_api_credentials(settings), base_url=_api_url(settings))


def _api_url(settings: Settings) -> str:
    return settings.api_base_url + settings.dialect.api_path


def _api_credentials(settings: Settings) -> tuple[str, str]:
    if settings.api_key and settings.api_secret:
        return settings.api_key, settings.api_secret.reveal()
    return settings.account_sid, settings.auth_token.reveal()


def twilio_config(settings: Settings) -> TwilioConfig:
    """The account, and the sender of its calls and texts."""
    detection = MachineDetection.OFF
    if settings.machine_detection:
        gated = settings.keypress is not Keypress.OFF
        detection = MachineDetection.WHILE_TALKING if gated else MachineDetection.BEFORE_TALKING
    return TwilioConfig(
        account_sid=settings.account_sid,
        key=_api_credentials(settings),
        base_url=_api_url(settings),
        carrier=settings.carrier.value,
        left_out=settings.dialect.left_out,
        inline_documents=settings.dialect.inline_documents,
        sender=settings.from_number.e164,
        messaging_service=settings.messaging_service_sid,
        whatsapp=whatsapp(settings),
        brand=settings.brand,
        detection=detection,
        senders=settings.senders,
    )


def whatsapp(settings: Settings) -> WhatsApp | None:
    """The sender of WhatsApp messages and its templates, that of the operator's language first where there is one."""
    if settings.whatsapp_sender is None or not settings.whatsapp_templates:
        return None
    own, templates = match_language(settings.language), dict(settings.whatsapp_templates)
    first = {own: templates[own]} if own in templates else {}
    return WhatsApp(sender=settings.whatsapp_sender.e164, templates={**first, **templates})
