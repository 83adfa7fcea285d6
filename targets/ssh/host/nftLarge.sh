# shellcheck shell=sh
# shellcheck disable=SC2154
# Listings without the elements of large sets (core/dialects/nftables/largeSets.ts). The client knows what these should hold,
# so it is sent a digest of what they do hold, and asks for the whole where that is another.

# whole = no: the client can do without these elements.
can_be_short() {
    [ "${whole-yes}" = no ] && has awk
}

# The JSON with these sets empty, and behind it a line "large DIGEST". Reading them is what takes its time, of memory and of
# seconds, so they are read once, and pass by.
nft_list_short() {
    {
        large_print=$(nft -j -s -p list table inet vps_firewall | tr , '\n' | without_large 3>&1 >&4 | sort | print_of)
    } 4>&1
    echo "large $large_print"
}

# Reads the JSON, a line for each comma; "SET ELEMENT" goes to descriptor 3.
without_large() {
    awk '
        function put(text) {
            printf "%s%s", separator, text
            separator = ","
        }
        /^ *\{"set": \{/ { name = "" }
        /^ "name": "s[0-9a-f]+_[46]_[0-9]+"$/ { name = substr($0, 11, length($0) - 11) }
        name != "" && /^ "elem": \[/ {
            sub(/^ "elem": \[/, "")
            put(" \"elem\": [")
            separator = ""
            inside = 1
        }
        inside {
            end = index($0, "]")
            element = end ? substr($0, 1, end - 1) : $0
            gsub(/[ "]/, "", element)
            print name " " element | "cat 1>&3"
            if (end) {
                put(substr($0, end))
                inside = 0
                name = ""
            }
            next
        }
        { put($0) }
        END { print "" }
    '
}

# What others put into our table is all that its text is read for: of a set of theirs, the elements too.
nft_text_short() {
    # Of an object that is no chain, the line that opens it.
    if printf '%s\n' "$table_text" | grep -E '^[[:blank:]][a-z]+ [^ ]+ [{]$' |
        grep -qvE '^[[:blank:]](chain |[a-z]+ ([srlg][0-9a-f]{8}|vpsfw_))'; then
        nft -s -a list table inet vps_firewall
    else
        nft -t -s -a list ruleset inet | sed -n '/^table inet vps_firewall {/,/^}/p'
    fi
}
