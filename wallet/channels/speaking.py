"""What the wallet itself says in what it sends, outside of any page: in the person's language."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Final

from babel.support import NullTranslations, Translations

FOLDER: Final = Path(__file__).parent.parent / "translations"


@cache
def catalogue(language: str) -> NullTranslations:
    return Translations.load(FOLDER, [language])


def speaks(language: str) -> Callable[..., str]:
    """To be called `_`, so that its sentences are gathered with those of the pages."""

    def say(sentence: str, **values: str) -> str:
        return str(catalogue(language).ugettext(sentence)) % values

    return say
