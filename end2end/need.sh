#!/usr/bin/env bash
# Makes sure that the named programs are here: installs a missing one from Debian's packages where that is possible,
# else says what to install. Never goes on without.
set -euo pipefail

find_program() {
    case $1 in
        postgres) command -v postgres || ls /usr/lib/postgresql/*/bin/postgres ;;
        # The module comes in a package of its own on Debian.
        python3) command -v python3 && python3 -c 'import ensurepip, venv' ;;
        *) command -v "$1" ;;
    esac >/dev/null 2>&1
}

package_of() {
    case $1 in
        postgres) echo postgresql ;;
        node) echo nodejs ;;
        python3) echo python3-venv ;;
        cc) echo build-essential ;;
        bwrap) echo bubblewrap ;;
        *) echo "$1" ;;
    esac
}

missing=()
for program in "$@"; do
    find_program "$program" || missing+=("$(package_of "$program")")
done
[ ${#missing[@]} -eq 0 ] && exit 0

as_root=()
[ "$(id -u)" -eq 0 ] || as_root=(sudo -n)
if ! command -v apt-get >/dev/null || ! "${as_root[@]}" true 2>/dev/null; then
    echo "Missing: ${missing[*]}. Install them with this system's package manager, then run make again." >&2
    exit 1
fi
echo "Installing ${missing[*]} ..."
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${missing[@]}" >/dev/null
for program in "$@"; do
    find_program "$program" || { echo "$program is still missing after installing ${missing[*]}." >&2; exit 1; }
done
