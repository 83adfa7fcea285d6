#!/bin/sh
# Node in a fresh network namespace with a loopback interface; it keeps its process id, so that it can be ended by it.
exec unshare --net sh -c 'ip link set lo up && exec "$VPSFW_NODE" "$@"' node "$@"
