# shellcheck shell=sh
# The place of what makes the next boot load confirmed.nft: the unit, and the drop-in of nftables.service.
# Nothing is installed yet; boot_state says so to the client.

# none | enabled
boot_state() {
    echo none
}

# Before an apply is armed; the unit does nothing as long as there is no confirmed.nft.
boot_enable() {
    return 0
}

# When our table is removed.
boot_disable() {
    return 0
}
