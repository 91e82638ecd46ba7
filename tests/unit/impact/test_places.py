import pytest

from services.impact.model import Place, Way
from services.impact.places import place_of


@pytest.mark.parametrize(
    ("application", "way", "place"),
    [
        ("Data Loader", Way.SOAP_PASSWORD, Place.DATA_LOADER),
        ("DataLoaderBulk", Way.SOAP_PASSWORD, Place.DATA_LOADER),
        ("dataloader.io", Way.OAUTH_PASSWORD, Place.DATALOADER_IO),
        ("Workbench", Way.SOAP_PASSWORD, Place.WORKBENCH),
        ("Acme ETL", Way.SOAP_PASSWORD, Place.ETL),
        ("Netlify", Way.SOAP_PASSWORD, Place.API_CLIENT),
        ("Reports", Way.OAUTH_PASSWORD, Place.OAUTH_PASSWORD),
        ("billing.py", Way.SOAP_PASSWORD, Place.API_CLIENT),
        ("Browser", Way.BROWSER, Place.BROWSER),
        ("Workbench", Way.BROWSER, Place.BROWSER),
        ("Okta", Way.SSO, Place.OTHER),
        ("", Way.UNKNOWN, Place.OTHER),
    ],
)
def test_where_the_token_goes(application: str, way: Way, place: Place) -> None:
    assert place_of(application, way) is place
