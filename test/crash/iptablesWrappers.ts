import type { Filter } from "./cells";
import { REAL } from "./realPrograms";

/**
 * What stands before the programs of one variant of iptables. They get no names of files, so the wrapper reads what is to be
 * loaded: whose mark it has tells what for.
 */
export function iptablesWrappers(
    filter: Exclude<Filter, "nft">,
): { readonly program: string; readonly text: string }[] {
    return ["iptables", "ip6tables"].flatMap((family) =>
        ["save", "restore"].map((verb) => ({
            program: `${family}-${filter.slice("iptables-".length)}-${verb}`,
            text: `${BEGINNING}family=${family}\n${verb === "save" ? SAVE : RESTORE}`,
        })),
    );
}

const BEGINNING = `#!/bin/sh
. ${REAL}/library
real=${REAL}/\${0##*/}
case "$*" in *--version*) exec "$real" "$@" ;; esac
fails() {
    echo "iptables: the lab lets it fail" >&2
    exit 1
}
# "everything" fails, or only what "loads".
may_fail() {
    read -r what 2>/dev/null </run/nft-fails || return 0
    case $what in everything | "$1") fails ;; esac
}
`;

/** Without \`-t\` it is only asked which variant holds rules. */
const SAVE = `case "$family $*" in
"iptables -t"*)
    stand_still looking
    [ ! -e /run/forward-loaded ] || stand_still answering
    ;;
esac
may_fail saves
exec "$real" "$@"
`;

const RESTORE = `state=/var/lib/vps-firewall
input=$(cat)
id=$(printf '%s\\n' "$input" | sed -n 's/.*vpsfw1 .* a=\\([0-9a-f]*\\) .*/\\1/p' | head -n 1)
purpose=other
case "$*" in
*--test*) [ ! -e "$state/$id.forward.rules" ] || [ "$family" = ip6tables ] || purpose=check ;;
*)
    if [ -n "$id" ] && [ -e "$state/$id.track.rules" ] && ! printf '%s\\n' "$input" | grep -q base:loopback; then purpose=track
    elif [ -n "$id" ] && [ -e "$state/$id.forward.rules" ]; then purpose=forward
    elif [ -z "$id" ] && [ -e "$state/removed.rules" ]; then purpose=remove
    elif [ -e /run/vps-firewall/pending ]; then purpose=back
    else purpose=boot
    fi
    ;;
esac
load() {
    case "$*" in *--test*) may_fail tests ;; *) may_fail loads ;; esac
    printf '%s\\n' "$input" | "$real" "$@"
}
# around BEFORE BETWEEN AFTER ARGUMENTS
around() {
    before=$1 between=$2 after=$3
    shift 3
    [ "$family" != iptables ] || stand_still "$before"
    load "$@" || exit
    if [ "$family" = iptables ]; then stand_still "$between"; else
        [ "$after" != loaded ] || : >/run/forward-loaded
        stand_still "$after"
    fi
    exit 0
}
case $purpose in
check) stand_still checking ;;
track) around none none tracking "$@" ;;
forward) around loading half-loaded loaded "$@" ;;
back) around reverting half-reverted reverted "$@" ;;
remove) around removing half-removed removed "$@" ;;
boot)
    if [ ! -e /run/boot-struck ] && read -r what 2>/dev/null </etc/boot-strikes; then
        : >/run/boot-struck
        [ "$what" != nft-failing ] || fails
        [ "$what" != revert-killed ] || systemctl kill --signal=KILL vps-firewall.service
    fi
    ;;
esac
load "$@"
`;
