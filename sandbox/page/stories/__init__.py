"""The stories of the tour, in the order in which they are offered."""

from sandbox.page.stories.breach import BREACH
from sandbox.page.stories.lost_token import LOST_TOKEN
from sandbox.page.stories.not_me import NOT_ME
from sandbox.page.stories.salesforce_down import SALESFORCE_DOWN

STORIES = (LOST_TOKEN, BREACH, NOT_ME, SALESFORCE_DOWN)
