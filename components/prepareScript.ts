/**
 * Installs nftables where it is missing, with the package manager that is there; does nothing where it is installed.
 * Plain sh; root, or sudo without a password. Nothing is started or enabled.
 */
export const prepareScript = `set -eu
PATH=$PATH:/usr/sbin:/sbin
if command -v nft >/dev/null 2>&1; then exit 0; fi
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }
if command -v apt-get >/dev/null 2>&1; then
    as_root apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends nftables
elif command -v dnf >/dev/null 2>&1; then as_root dnf install -y -q nftables
elif command -v yum >/dev/null 2>&1; then as_root yum install -y -q nftables
elif command -v zypper >/dev/null 2>&1; then as_root zypper --non-interactive --quiet install nftables
elif command -v apk >/dev/null 2>&1; then as_root apk add --quiet nftables
elif command -v pacman >/dev/null 2>&1; then as_root pacman -Sy --noconfirm --needed nftables
else echo "no known package manager: install nftables by hand" >&2; exit 1
fi
command -v nft >/dev/null 2>&1`;
