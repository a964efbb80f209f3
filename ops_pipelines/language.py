"""The reader's language, and our texts in it.

Texts stand in the source in English: inside `_()` where they are said at once, inside `N_()` in
tables that are read later. The catalogs in `locale/` hold them in the other languages.
"""

import gettext
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from typing import Literal, get_args

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
DOMAIN = "ops_pipelines"
LOCALE_DIR = Path(__file__).parent / "locale"

_current: ContextVar[Language] = ContextVar("language", default="en")


def current() -> Language:
    """The language in which this context (a command, a run, a task of a round) speaks."""
    return _current.get()


def use(language: Language) -> None:
    """Speak `language` from here on in this context."""
    _current.set(language)


@contextmanager
def speaking(language: Language) -> Iterator[None]:
    """Speak `language` inside the block."""
    token = _current.set(language)
    try:
        yield
    finally:
        _current.reset(token)


def from_environment(environment: Mapping[str, str], service: Language | None = None) -> Language:
    """The language that the environment asks for.

    `$OPS_LANGUAGE` wins; then that of the service, if it names one; then the machine's locale.
    """
    asked = _language(environment.get("OPS_LANGUAGE", ""))
    locale = environment.get("LC_ALL") or environment.get("LANG") or ""
    return asked or service or _language(locale) or "en"


def _language(locale: str) -> Language | None:
    """The language of ours that `zh`, `zh-CN` or `zh_CN.UTF-8` names."""
    name = re.split("[-_.@]", locale.lower())[0]
    return next((language for language in LANGUAGES if language == name), None)


@lru_cache
def _catalog(language: Language) -> gettext.NullTranslations:
    return gettext.translation(DOMAIN, LOCALE_DIR, [language], fallback=True)


def _(text: str) -> str:
    """`text` in the current language."""
    return _catalog(current()).gettext(text) if text else ""  # "" is the catalog's own header


def N_(text: str) -> str:  # noqa: N802 - gettext's customary name for "translate this later"
    """Mark `text` for the catalogs; it is translated when it is said."""
    return text


def NN_(one: str, several: str) -> tuple[str, str]:  # noqa: N802 - likewise, for a plural
    """Mark a text with its plural for the catalogs."""
    return one, several
