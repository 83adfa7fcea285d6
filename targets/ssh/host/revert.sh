# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154
# How an apply that is open comes to its end: confirmed, or taken back. Everything here runs under the lock.

# The pending apply: pending_id, pending_deadline, pending_boot, pending_filter. Fails when there is none.
read_pending() {
    pending_id='' pending_deadline=0 pending_boot='' pending_filter=''
    [ -f "$run/pending" ] || return 1
    while IFS='=' read -r key value; do
        case $key in
            id) pending_id=$value ;;
            deadline) pending_deadline=$value ;;
            boot) pending_boot=$value ;;
            filter) pending_filter=$value ;;
        esac
    done <"$run/pending"
    case $pending_deadline in '' | *[!0-9]*) pending_deadline=0 ;; esac
    [ -n "$pending_id" ]
}

# write_pending ID DEADLINE
write_pending() {
    printf 'id=%s\ndeadline=%s\nboot=%s\nfilter=%s\n' "$1" "$2" "$boot_id" "$filter" >"$run/pending.new" &&
        mv -f "$run/pending.new" "$run/pending"
}

pending_seconds_left() {
    left=$((pending_deadline - $(uptime_now)))
    if [ "$left" -gt 0 ]; then echo "$left"; else echo 0; fi
}

# Only after the whole last second, so that the window is never shorter than promised.
pending_is_overdue() {
    [ "$(uptime_now)" -gt "$pending_deadline" ]
}

# start_helper 1|2: of a session of its own, without any descriptor of this one: neither sshd nor the lock waits for it.
start_helper() {
    setsid sh "$run/helper.$apply_id.sh" "$1" </dev/null >/dev/null 2>&1 9>&- &
    helper_is_ready "$1"
}

helper_is_ready() {
    tries=50
    until [ -s "$run/ready.$apply_id.$1" ]; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || return 1
        nap
    done
}

# The helper ends by itself once nothing is pending for it.
close_pending() {
    prune_staged
    # With what a helper that was killed has left; one that runs ends by itself.
    rm -f "$run/failing" "$run/pending" "$run"/ready.* "$run"/helper.*
    failing_since=''
}

prune_staged() {
    rm -f "$state/removed.$ext"
    for staged in "$state"/????????????????.*; do
        case $staged in
            "$state/$confirmed_id.json") ;;
            *.forward.$ext | *.back.$ext | *.boot.$ext | *.track.$ext | *.json) rm -f "$staged" ;;
        esac
    done
}

# settle: ends what is due. An apply within its window stays open, and one whose revert still fails.
# repaired says what was done. Fails when the packet filter cannot be asked.
settle() {
    settle_apply || return 1
    # Of a first apply that was not confirmed, or of a delete.
    if [ ! -e "$state/confirmed.$ext" ] && [ ! -e "$run/pending" ]; then
        forget_backups
        if boot_is_left; then boot_disable; fi
    fi
    return 0
}

# What was kept goes with what was confirmed; where nothing ever was, what was before is what is.
forget_backups() {
    [ -e "$state/confirmed.$ext" ] || rm -f "$state"/backup-* 2>/dev/null
}

settle_apply() {
    repaired=''
    confirmed_id=$(id_of "$(mark_in "$state/confirmed.$ext")")
    look || return 1
    if read_pending; then
        if [ "$pending_id" = "$confirmed_id" ]; then
            finish_confirm
        elif [ "$pending_boot" != "$boot_id" ] || [ "$pending_id" != "$live_id" ]; then
            # Another boot loaded what was confirmed, or it was never loaded: nothing to take back.
            close_pending
        elif pending_is_overdue; then
            take_back "took back an apply that was not confirmed in time"
            return 0
        else
            return 0
        fi
    fi
    if [ -f "$state/$confirmed_id.json" ]; then
        mv -f "$state/$confirmed_id.json" "$state/confirmed.json"
    fi
    give_back_open
    # Of a delete that was cut short.
    [ -e "$state/confirmed.$ext" ] || [ -e "$run/pending" ] || give_back "$state/taken"
    # Live, not confirmed, and nobody watches it: the same as overdue. With nothing confirmed it is a delete cut short.
    # A confirmed ruleset that somebody spoiled is neither: it stays, and what is live too.
    if [ "$live" = marked ] && [ "$live_id" != "$confirmed_id" ] && { [ -n "$confirmed_id" ] || [ ! -e "$state/confirmed.$ext" ]; }; then
        write_pending "$live_id" 0
        read_pending
        if [ -n "$confirmed_id" ]; then
            take_back "replaced a ruleset that was never confirmed"
        else
            take_back "finished a delete that was cut short"
        fi
    else
        # Of an apply that was cut short before it was armed.
        prune_staged
    fi
    return 0
}

# What comes after the commit; can be done again.
finish_confirm() {
    if [ -f "$state/$confirmed_id.json" ]; then
        mv -f "$state/$confirmed_id.json" "$state/confirmed.json"
    fi
    keep_taken "$confirmed_id"
    rm -f "$state/failure" "$run/boot-failure"
    persist "$state"
    close_pending
}

# take_back WORDS: one try. The pending apply is live, its time is over.
take_back() {
    give_back "$state/$pending_id.taken"
    why=''
    for file in "$state/$pending_id.back.$ext" "$state/confirmed.$ext"; do
        [ -f "$file" ] || continue
        if filter_load "$file"; then
            repaired=$1
            close_pending
            look
            return
        fi
        why="$why${file##*/} does not load: $filter_says
"
    done
    if [ -n "$why" ]; then
        [ -s "$run/failing" ] || uptime_now >"$run/failing"
        # Where /run is full, this process remembers.
        read -r since <"$run/failing" && failing_since=$since
        failing_since=${failing_since:-$(uptime_now)}
        [ $(($(uptime_now) - failing_since)) -ge "$give_up_seconds" ] || return 1
    fi
    filter_clear || return 1
    repaired=$1
    if [ -n "$why" ]; then
        repaired="removed our ruleset: nothing that should be put back loads"
        printf '%s' "$why" >"$state/failure"
    fi
    close_pending
    look
}
