"""Chat's Lambda functions, one for each queue.

An invocation of `turns` runs its turn to the end, or hands it over before Lambda ends the invocation. The message is
deleted as soon as the turn runs; from then on the watchdog checks the turn. `watchdogs` runs no turns, so it is quick.
"""

from services.chat.app import build
from services.chat.settings import ChatSettings
from shared.host.queue_function import queue_function

turns = queue_function("chat", ChatSettings, build, "turns")
watchdogs = queue_function("chat", ChatSettings, build, "watchdogs")
