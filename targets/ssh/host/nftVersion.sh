# shellcheck shell=sh
# shellcheck disable=SC2154
# Which nft there is: refuses where it is missing or too old.

check_nft() {
    has nft || refuse nft-missing
    # shellcheck disable=SC2046 # "nftables v1.0.6 (Lester Gooch #5)"
    set -- $(nft --version 2>/dev/null)
    nft_version=${2-}
    nft_version=${nft_version#v}
    # shellcheck disable=SC2046
    set -- $(echo "$nft_version" | tr -c '0-9\n' ' ') 0 0 0
    [ $(($1 * 1000000 + $2 * 1000 + $3)) -ge 9008 ] || refuse nft-old "$nft_version"
}
