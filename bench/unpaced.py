"""`python -m bench.unpaced …`: the bot, at no pace of its own for the people that it looks up.

The pace is that of Slack's limit; where a benchmark lifts the limit, the pace would be all that it
measures.
"""

from bot.cli import cli
from services.slack import paced_people

paced_people.PER_MINUTE = 60_000
paced_people.BURST = 1_000_000

if __name__ == "__main__":
    cli()
