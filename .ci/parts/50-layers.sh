# Compares what each crate depends on with docs/layers.txt, over all features and targets.
layers() {
    local problems=0 line layer crate allowed never found name
    declare -A layer_of allowed_of never_of
    while IFS= read -r line; do
        line=${line%%#*}
        [ -n "${line//[[:space:]]/}" ] || continue
        read -r layer crate <<<"${line%%:*}"
        allowed=${line#*:}
        never=""
        [[ $allowed != *";"* ]] || never=${allowed#*;}
        layer_of[$crate]=$layer allowed_of[$crate]=" ${allowed%%;*} " never_of[$crate]=" $never "
    done <docs/layers.txt

    for crate in $(cargo metadata --no-deps --format-version 1 | python3 -c 'import json,sys; print(*[p["name"] for p in json.load(sys.stdin)["packages"]])'); do
        if [ -z "${layer_of[$crate]:-}" ]; then
            echo "$crate has no line in docs/layers.txt"; problems=1; continue
        fi
        cargo tree --locked -p "$crate" --all-features --target all -e normal,build --prefix depth --format ' {p}' >"$WORK/tree"
        found=$(awk '$1 == 1 && $2 ~ /^ingam/ {print $2}' "$WORK/tree" | sort -u)
        for name in $found; do
            if [[ ${allowed_of[$crate]} != *" $name "* ]]; then
                echo "$crate imports $name, which docs/layers.txt does not allow"; problems=1
            fi
        done
        for name in ${allowed_of[$crate]}; do
            if [ -z "${layer_of[$name]:-}" ]; then
                echo "docs/layers.txt: $crate may import $name, which has no line"; problems=1
            elif [[ $layer == dev || ${layer_of[$crate]} == dev ]]; then
                :
            elif [[ ${layer_of[$name]} == dev || ${layer_of[$name]} -ge ${layer_of[$crate]} ]]; then
                echo "docs/layers.txt: $crate stands on ${layer_of[$crate]} and must not import $name on ${layer_of[$name]}"; problems=1
            fi
        done
        for name in ${never_of[$crate]}; do
            if awk -v name="$name" '$2 == name {found = 1} END {exit !found}' "$WORK/tree"; then
                echo "$crate depends on $name, which docs/layers.txt rules out"; problems=1
            fi
        done
    done
    return $problems
}
part layers layers
