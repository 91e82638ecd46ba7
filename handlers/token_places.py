"""Where a new token goes, for each kind of program."""

from services.impact.model import Place

IN_PLACE = {
    Place.DATA_LOADER: (
        "choose *Password Authentication* and put both together into the password box. On the "
        "command line it is `sfdc.password`, encrypted anew. With *OAuth* it needs no token."
    ),
    Place.DATALOADER_IO: (
        "open its Salesforce connection and enter username, password and token again. Connected "
        "through OAuth it needs none; authorise it again only if it asks."
    ),
    Place.WORKBENCH: (
        "where it asks for the password itself, put both together into the password box. Through "
        "Salesforce's own login page it needs no token."
    ),
    Place.ETL: (
        "open its Salesforce connection. Put the token into the field for it, or right after the "
        "password where there is none. Test the connection and save it."
    ),
    Place.OAUTH_PASSWORD: (
        "it uses the OAuth username-password flow: its `password` parameter is password and token "
        "together. Change it wherever the program keeps it."
    ),
    Place.API_CLIENT: (
        "a program on the SOAP or REST API. In its configuration or secret store the password "
        "becomes both together; some libraries have a setting for the token, often "
        "`security_token`."
    ),
    Place.BROWSER: (
        "nowhere. It needs no token; after a reset of the password, log in there with the new one."
    ),
    Place.OTHER: (
        "look for its Salesforce connection. Put the token into the field for it, or right after "
        "the password where there is none."
    ),
}
"""Each follows the program's name and a colon. From the programs' own documentation, and otherwise
from how Salesforce documents the token: appended to the password."""
