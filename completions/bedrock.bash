_bedrock() {
    local IFS=$' \t\n'
    local args cur prev cmd opts arg
    args=("${COMP_WORDS[@]}")
    cur="${COMP_WORDS[COMP_CWORD]}"
    prev="${COMP_WORDS[COMP_CWORD-1]}"
    opts="-h --help --version"

    args=("${args[@]:1}")
    for arg in "${args[@]}"; do
        case "$arg" in
            chat)
                cmd="chat"
                opts="$opts -h --help -m --model -s --system -i --image -d --document -t --tool --approve --max-tokens --temperature --think --messages --no-stream --json --load --save --price --region --profile --endpoint --timeout --retries --verbose"
                break
                ;;
            map)
                cmd="map"
                opts="$opts -h --help -m --model -o --output --restart -c --concurrency -s --system -p --template --text --max-tokens --temperature --schema --messages --ordered --full --with-input --keep-errors --max-errors --price --quiet --region --profile --endpoint --timeout --retries --verbose"
                break
                ;;
            batch)
                cmd="batch"
                opts="$opts -h --help -m --model -o --output --folder --s3 --role -s --system -p --template --text --max-tokens --temperature --converse --records-per-job --no-wait --full --price --region --profile --endpoint --timeout --retries --verbose"
                break
                ;;
            converse)
                cmd="converse"
                opts="$opts -h --help -m --model --stream --text --region --profile --endpoint --timeout --retries --verbose"
                break
                ;;
            invoke)
                cmd="invoke"
                opts="$opts -h --help -m --model --stream -o --output --region --profile --endpoint --timeout --retries --verbose"
                break
                ;;
            count)
                cmd="count"
                opts="$opts -h --help -m --model --system --region --profile --endpoint --timeout --retries --verbose"
                break
                ;;
            models)
                cmd="models"
                opts="$opts -h --help --provider --all --output --json --region --profile --endpoint --timeout --retries --verbose"
                break
                ;;
            call)
                cmd="call"
                opts="$opts -h --help --each --region --profile --endpoint --timeout --retries --verbose"
                break
                ;;
            whoami)
                cmd="whoami"
                opts="$opts -h --help --json --offline --region --profile --endpoint --timeout --retries --verbose"
                break
                ;;
            token)
                cmd="token"
                opts="$opts -h --help --life --export --region --profile --endpoint --timeout --retries --verbose"
                break
                ;;
            doctor)
                cmd="doctor"
                opts="$opts -h --help -m --model --call --offline --json --region --profile --endpoint --timeout --retries --verbose"
                break
                ;;
            emulate)
                cmd="emulate"
                opts="$opts -h --help --port --port-file --host --key --token --region --pace --fault --cert --cert-key --log --exit-on-eof --quiet"
                break
                ;;
            completion)
                cmd="completion"
                opts="$opts -h --help"
                break
                ;;
        esac
    done

    case "$cmd" in
        '')
            COMPREPLY=($(compgen -W "chat map batch converse invoke count models call whoami token doctor emulate completion" -- "$cur"))
            ;;
        'chat')
            case "$prev" in
                -m|--model)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                -s|--system)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                -i|--image)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                -d|--document)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                -t|--tool)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --max-tokens)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --temperature)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --think)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --load)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --save)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --price)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --region)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --profile)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --endpoint)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --timeout)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --retries)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
            esac

            ;;
        'map')
            case "$prev" in
                -m|--model)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                -o|--output)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                -c|--concurrency)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                -s|--system)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                -p|--template)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --max-tokens)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --temperature)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --schema)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --max-errors)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --price)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --region)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --profile)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --endpoint)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --timeout)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --retries)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
            esac

            ;;
        'batch')
            case "$prev" in
                -m|--model)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                -o|--output)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --folder)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --s3)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --role)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                -s|--system)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                -p|--template)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --max-tokens)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --temperature)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --records-per-job)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --price)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --region)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --profile)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --endpoint)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --timeout)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --retries)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
            esac

            ;;
        'converse')
            case "$prev" in
                -m|--model)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --region)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --profile)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --endpoint)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --timeout)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --retries)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
            esac

            ;;
        'invoke')
            case "$prev" in
                -m|--model)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                -o|--output)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --region)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --profile)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --endpoint)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --timeout)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --retries)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
            esac

            ;;
        'count')
            case "$prev" in
                -m|--model)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --system)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --region)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --profile)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --endpoint)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --timeout)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --retries)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
            esac

            ;;
        'models')
            case "$prev" in
                --provider)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --output)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --region)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --profile)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --endpoint)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --timeout)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --retries)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
            esac

            ;;
        'call')
            case "$prev" in
                --region)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --profile)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --endpoint)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --timeout)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --retries)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
            esac

            ;;
        'whoami')
            case "$prev" in
                --region)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --profile)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --endpoint)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --timeout)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --retries)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
            esac

            ;;
        'token')
            case "$prev" in
                --life)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --region)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --profile)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --endpoint)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --timeout)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --retries)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
            esac

            ;;
        'doctor')
            case "$prev" in
                -m|--model)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --region)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --profile)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --endpoint)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --timeout)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --retries)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
            esac

            ;;
        'emulate')
            case "$prev" in
                --port)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --port-file)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --host)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --key)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --token)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --region)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --pace)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --fault)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --cert)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --cert-key)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --log)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
            esac

            ;;
    esac

    if [[ "$cur" = -* ]]; then
        COMPREPLY=($(compgen -W "$opts" -- "$cur"))
    fi
}

complete -F _bedrock -o bashdefault -o default bedrock
