# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # the parts are sent as one script; some variables come from other parts
# What every step on the host shares: where things are, how the client is answered, the one lock.
#
# /var/lib/vps-firewall            kept over a reboot
#   <id>.forward.nft .back.nft .boot.nft .json    an apply being made; <id> is random and part of its ruleset
#   confirmed.nft                  the ruleset that counts; renaming <id>.boot.nft to it is the commit
#   confirmed.json                 what the client keeps with it
#   backup-first.txt               what the host filtered before the first apply
#   backup-<number>-<time>-<id>.nft .json    the last confirmed ones that were replaced
#   removed.nft                    it, while a delete takes the ruleset away
#                                  With iptables these end in .rules instead of .nft, and hold both families.
#   load.sh                        loads the confirmed ruleset at boot
#   failure                        why a revert had to remove our ruleset
#   host-id                        only where the host has no machine-id
# /run/vps-firewall
#   lock                           every change of state happens under it
#   pending                        the apply that is loaded and not confirmed: id, deadline (uptime), boot id, filter
#   failing                        uptime at which a revert failed first
#   boot-failure                   why load.sh could not load
#   helper.<id>.sh ready.<id>.<n>  the processes that revert by themselves
#
# Set by the client before this: marker, timings in seconds, and what the step needs.

set -u
umask 077
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
export PATH LC_ALL
unset IFS ENV CDPATH
cd /
# A client that goes away must not stop a step half-way.
trap '' HUP PIPE

state=/var/lib/vps-firewall
run=/run/vps-firewall
read -r boot_id </proc/sys/kernel/random/boot_id

# Every line of an answer starts with the marker, so that banners of a login shell are told apart.
say() {
    printf '%s %s\n' "$marker" "$*"
}

# section NAME <TEXT
section() {
    printf '%s begin %s\n' "$marker" "$1"
    cat
    printf '\n%s end %s\n' "$marker" "$1"
}

# say_section NAME TEXT: for what was read under the lock and is sent after it, since a client that is gone or slow
# would hold it.
say_section() {
    [ -z "$2" ] || printf '%s\n' "$2" | section "$1"
}

# refuse CODE [DETAIL]: ends the step.
refuse() {
    say error "$1"
    [ -z "${2-}" ] || printf '%s' "$2" | section detail
    finish
}

finish() {
    say finished
    exit 0
}

uptime_now() {
    read -r up_for _ </proc/uptime
    echo "${up_for%%.*}"
}

nap() {
    sleep 0.2 2>/dev/null || sleep 1
}

# Onto the disk; busybox and old systems know only the sync of everything.
persist() {
    sync "$@" 2>/dev/null || sync
}

has() {
    command -v "$1" >/dev/null 2>&1
}

# For programs that ask others, and might wait for them for ever.
quickly() {
    if has timeout; then timeout 30 "$@"; else "$@"; fi
}

# is_ours FOLDER: not there yet, or root's alone with everything in it. What another user had put there would be loaded,
# or written through, as root.
is_ours() {
    [ ! -h "$1" ] || return 1
    [ -e "$1" ] || return 0
    { [ -d "$1" ] && [ -O "$1" ]; } || return 1
    case $(ls -ld "$1") in
        drwx------*) ;;
        # A folder on a read-only disk stays as it is, and nobody else can write there either.
        *) chmod 700 "$1" 2>/dev/null ;;
    esac
    for entry in "$1"/*; do
        case $entry in
            # The links that are a lock where there is no flock.
            "$run"/lock.*) ;;
            *) if [ -h "$entry" ] || { [ -e "$entry" ] && { [ ! -f "$entry" ] || [ ! -O "$entry" ]; }; }; then return 1; fi ;;
        esac
    done
}

take_lock() {
    for folder in "$run" "$state"; do is_ours "$folder" || refuse not-ours "$folder"; done
    if ! mkdir -p "$run" 2>/dev/null || ! touch "$run/lock"; then refuse not-armed "$run can't be written"; fi
    lock "$lock_seconds" || refuse busy
}

# lock SECONDS: fails when it is still taken then. Released by unlock, or when the shell and everything that it started
# with descriptor 9 have ended: a program that outlives its script is still at work.
lock() {
    tries=$(($1 * 5 + 1))
    if ! mkdir -p "$run" || ! touch "$run/lock"; then return 1; fi
    chmod 700 "$run"
    if has flock; then
        exec 9>"$run/lock"
        until flock -n 9; do
            tries=$((tries - 1))
            [ "$tries" -gt 0 ] || return 1
            nap
        done
    else
        until take_link; do
            tries=$((tries - 1))
            [ "$tries" -gt 0 ] || return 1
            nap
        done
        trap unlock EXIT
        exec 9>"$run/lock"
    fi
}

unlock() {
    exec 9>&-
    if ! has flock && [ "$(readlink "$run/lock.owner" 2>/dev/null)" = "$(this_process)" ]; then
        rm -f "$run/lock.owner"
    fi
}

# Where there is no flock, the lock is a link that names its owner: taking it and saying whose it is are one step.
take_link() {
    ln -s "$(this_process)" "$run/lock.owner" 2>/dev/null && return 0
    owner=$(readlink "$run/lock.owner" 2>/dev/null) || return 1
    if process_lives "$owner" || lock_is_open; then return 1; fi
    # Its owner is gone. Only one may clear it away, else a second would remove the lock of the first.
    if ln -s "$(this_process)" "$run/lock.breaker" 2>/dev/null; then
        [ "$(readlink "$run/lock.owner")" != "$owner" ] || rm -f "$run/lock.owner"
        rm -f "$run/lock.breaker"
    else
        process_lives "$(readlink "$run/lock.breaker" 2>/dev/null)" || rm -f "$run/lock.breaker"
    fi
    return 1
}

# Only the owner opens the file, and hands it down to what it starts.
lock_is_open() {
    for descriptor in /proc/[0-9]*/fd/9; do
        [ "$(readlink "$descriptor" 2>/dev/null)" != "$run/lock" ] || return 0
    done
    return 1
}

# A process by boot, pid and start time, since pids come back.
this_process() {
    echo "$boot_id:$$:$(start_of $$)"
}

# process_lives BOOT:PID:START
process_lives() {
    pid=${1#*:}
    pid=${pid%%:*}
    [ "$1" = "$boot_id:$pid:$(start_of "$pid")" ]
}

# Empty for a process that is not there or ended.
start_of() {
    read -r stat 2>/dev/null <"/proc/$1/stat" || return 0
    # shellcheck disable=SC2086 # the fields after the name are numbers and letters
    set -- ${stat##*) }
    [ "$1" = Z ] || echo "${20}"
}
