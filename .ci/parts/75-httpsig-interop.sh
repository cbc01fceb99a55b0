# Signed messages both ways against independent implementations: Python's and Node's.
httpsig_interop() {
    cargo build --locked --quiet -p ingam-transaction --example httpsig_peer
    local peer=${CARGO_TARGET_DIR:-target}/debug/examples/httpsig_peer here=tests/interop/httpsig
    [ "${peer:0:1}" = / ] || peer=$ROOT/$peer
    mkdir -p "$WORK/httpsig"
    python3 -m venv "$WORK/httpsig/python"
    "$WORK/httpsig/python/bin/pip" install --quiet --disable-pip-version-check -r $here/requirements.txt
    "$WORK/httpsig/python/bin/python" $here/peer.py "$peer" | tail -n 1
    cp $here/package.json $here/package-lock.json $here/peer.mjs "$WORK/httpsig/"
    npm ci --silent --no-audit --no-fund --prefix "$WORK/httpsig"
    node "$WORK/httpsig/peer.mjs" "$peer" | tail -n 1
}
part "interop: http signatures" httpsig_interop
