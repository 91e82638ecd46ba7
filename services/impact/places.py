"""Where a new token goes, by an application's name and its way of logging in."""

import re

from services.impact.model import Place, Way

_NAMES = (
    # By what a name holds, the first that fits.
    (re.compile(r"dataloader\.io"), Place.DATALOADER_IO),
    (re.compile(r"data ?loader"), Place.DATA_LOADER),
    (re.compile(r"workbench"), Place.WORKBENCH),
    # The three letters as a word: Netlify is no ETL tool.
    (
        re.compile(r"informatica|mulesoft|talend|jitterbit|boomi|fivetran|(?<![a-z])etl(?![a-z])"),
        Place.ETL,
    ),
)

_WAYS = {
    Way.OAUTH_PASSWORD: Place.OAUTH_PASSWORD,
    Way.SOAP_PASSWORD: Place.API_CLIENT,
}


def place_of(application: str, way: Way) -> Place:
    """Say where the token goes in a program of this name that logs in this way."""
    if way is Way.BROWSER:
        return Place.BROWSER
    name = application.casefold()
    named = next((place for pattern, place in _NAMES if pattern.search(name)), None)
    return named or _WAYS.get(way, Place.OTHER)
