# Packages that may stand nowhere below us, whatever the features: the number is that of the security requirement.
denied() {
    cargo tree --workspace --all-features --target all --locked -e normal,build,dev --prefix none --format '{p}' |
        awk '{print $1}' | sort -u >"$WORK/packages"
    grep -qx serde "$WORK/packages"                                # the list is one
    # sr_30: rsa (RUSTSEC-2023-0071, Marvin); sr_79: pqcrypto (no longer maintained); sr_24: decompression of tokens.
    if grep -xE 'rsa|pqcrypto(-.*)?|flate2|miniz_oxide|libz-.*|brotli.*' "$WORK/packages"; then
        echo "the packages above are denied"; return 1
    fi
    echo "none of $(wc -l <"$WORK/packages") packages is denied"
}
part "denied packages" denied
