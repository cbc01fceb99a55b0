# The short examples, each by the line that it ends with.
ends_with() {
    local expected=$1 last; shift
    last=$(cargo run --locked --quiet --example "$@" | tail -n 1)
    echo "$1: $last"
    [[ $last == "$expected" ]]
}
examples() {
    ends_with '401 Unauthorized Some("DPoP error=\"invalid_dpop_proof\", algs=\"ES256 EdDSA PS256\"")' protect_axum --features axum
    ends_with 'ingam-jose refuses the ID token: wrong token type' with_jsonwebtoken --features jsonwebtoken
    ends_with '남산저축은행 달러 통장 · ***-***-***850: 24,664.10 USD' with_oauth2 --features oauth2
}
part examples examples
