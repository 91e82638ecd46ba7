"""Makes sure that what was written outlives the server that took it."""

from operator import not_

import structlog
from redis.asyncio import Redis
from redis.exceptions import ResponseError
from tenacity import AsyncRetrying, RetryError, retry_if_result, stop_after_attempt

from services.store import keys
from services.store.connection import translated
from services.store.errors import StoreUnavailableError

log = structlog.get_logger(__name__)

TRIES = 3
WAITS_FOR = 800
"""Milliseconds that one try waits for a replica: less than a command may take."""


class Replicas:
    """Asks whether a replica has what was written before.

    A failover to a replica that hasn't seen an intent would let the same request be sent again.
    """

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def have_it(self) -> bool:
        """Whether all that any connection wrote before is on a replica too, where there is one.

        Replicas take writes in their order (Redis documentation of `WAIT`), so that one that has a
        later write has the earlier ones. A server that doesn't say whether it has replicas counts
        as one that has none. False where Redis doesn't answer: nobody knows then.
        """
        retrying = AsyncRetrying(retry=retry_if_result(not_), stop=stop_after_attempt(TRIES))
        try:
            return bool(await retrying(self._has_it))
        except (RetryError, StoreUnavailableError) as error:
            log.warning("store.not_replicated", error=type(error).__name__)
            return False

    async def _has_it(self) -> bool:
        with translated():
            try:
                replication = await self._redis.info("replication")
            except ResponseError:
                return True
            if not replication.get("connected_slaves"):
                return True
            pipe = self._redis.pipeline(transaction=False)
            pipe.set(keys.REPLICATED, 1, px=WAITS_FOR)
            pipe.wait(1, WAITS_FOR)
            _, confirmed = await pipe.execute()
        return int(confirmed) > 0
