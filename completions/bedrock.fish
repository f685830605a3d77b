function __fish_bedrock_print_command
    set -l cmdline (commandline -poc)
    set -l cmd
    set -e cmdline[1]
    for arg in $cmdline
        switch $arg
            case chat
                set cmd $cmd chat
                break
            case map
                set cmd $cmd map
                break
            case batch
                set cmd $cmd batch
                break
            case converse
                set cmd $cmd converse
                break
            case invoke
                set cmd $cmd invoke
                break
            case count
                set cmd $cmd count
                break
            case models
                set cmd $cmd models
                break
            case call
                set cmd $cmd call
                break
            case whoami
                set cmd $cmd whoami
                break
            case token
                set cmd $cmd token
                break
            case doctor
                set cmd $cmd doctor
                break
            case emulate
                set cmd $cmd emulate
                break
            case completion
                set cmd $cmd completion
                break
        end
    end
    echo "$cmd"
end

function __fish_bedrock_using_command
    test (__fish_bedrock_print_command) = "$argv"
    and return 0
    or return 1
end

function __fish_bedrock_seen_command
    string match -q "$argv*" (__fish_bedrock_print_command)
    and return 0
    or return 1
end

complete -c bedrock -n '__fish_bedrock_using_command' -xa 'chat' -d 'talk with a model, or ask it one question'
complete -c bedrock -n '__fish_bedrock_using_command' -xa 'map' -d 'ask a model about every line of a file, many lines at a time'
complete -c bedrock -n '__fish_bedrock_using_command' -xa 'batch' -d 'ask about every line of a file through Bedrock\'s batch jobs, at half the price'
complete -c bedrock -n '__fish_bedrock_using_command' -xa 'converse' -d 'send a Converse request written as JSON'
complete -c bedrock -n '__fish_bedrock_using_command' -xa 'invoke' -d 'send a body in a model\'s own format (InvokeModel)'
complete -c bedrock -n '__fish_bedrock_using_command' -xa 'count' -d 'count the tokens of a text, free of charge'
complete -c bedrock -n '__fish_bedrock_using_command' -xa 'models' -d 'list the models that can be called from this region, and their ids'
complete -c bedrock -n '__fish_bedrock_using_command' -xa 'call' -d 'call any operation of Bedrock, its members written as JSON'
complete -c bedrock -n '__fish_bedrock_using_command' -xa 'whoami' -d 'tell which credentials are used, and whose they are'
complete -c bedrock -n '__fish_bedrock_using_command' -xa 'token' -d 'make a short-term Bedrock API key from your AWS credentials'
complete -c bedrock -n '__fish_bedrock_using_command' -xa 'doctor' -d 'check build, network, clock, credentials, region and model access'
complete -c bedrock -n '__fish_bedrock_using_command' -xa 'emulate' -d 'run a local Bedrock for demonstrations and tests'
complete -c bedrock -n '__fish_bedrock_using_command' -xa 'completion' -d 'print the completions for bash, zsh or fish'
complete -c bedrock -s h -l help -d 'Show this help message and exit'
complete -c bedrock -l version -d 'Print the version'

complete -c bedrock -n '__fish_bedrock_seen_command chat' -s h -l help -d 'Show this help message and exit'
complete -c bedrock -n '__fish_bedrock_seen_command chat' -s m -l model -r -d 'model: an id, an ARN, or a name such as claude-sonnet-4.5; else BEDROCK_MODEL, else claude-sonnet-4.5'
complete -c bedrock -n '__fish_bedrock_seen_command chat' -s s -l system -r -d 'system prompt; @FILE reads it from a file'
complete -c bedrock -n '__fish_bedrock_seen_command chat' -s i -l image -r -d 'an image beside the (first) question; may be repeated'
complete -c bedrock -n '__fish_bedrock_seen_command chat' -s d -l document -r -d 'a document beside the (first) question; may be repeated'
complete -c bedrock -n '__fish_bedrock_seen_command chat' -s t -l tool -r -d 'a Lua file that returns a bedrock.tool, or a list of them; may be repeated'
complete -c bedrock -n '__fish_bedrock_seen_command chat' -l approve -d 'ask before a tool runs'
complete -c bedrock -n '__fish_bedrock_seen_command chat' -l max-tokens -r -d 'the longest answer (4096)'
complete -c bedrock -n '__fish_bedrock_seen_command chat' -l temperature -r -d 'from 0 to 1'
complete -c bedrock -n '__fish_bedrock_seen_command chat' -l think -r -d 'let the model think with up to N tokens, and show it'
complete -c bedrock -n '__fish_bedrock_seen_command chat' -l messages -d 'speak Anthropic\'s Messages format instead of Converse'
complete -c bedrock -n '__fish_bedrock_seen_command chat' -l no-stream -d 'print the answer when it is complete'
complete -c bedrock -n '__fish_bedrock_seen_command chat' -l json -d 'print the events of the wire instead of text, a line of JSON each'
complete -c bedrock -n '__fish_bedrock_seen_command chat' -l load -r -d 'go on with a saved conversation'
complete -c bedrock -n '__fish_bedrock_seen_command chat' -l save -r -d 'save the conversation there after every answer'
complete -c bedrock -n '__fish_bedrock_seen_command chat' -l price -r -d 'dollars for a million tokens, for /cost; else BEDROCK_PRICE'
complete -c bedrock -n '__fish_bedrock_seen_command chat' -l region -r -d 'AWS region; else AWS_REGION, the profile, us-east-1'
complete -c bedrock -n '__fish_bedrock_seen_command chat' -l profile -r -d 'profile of the shared AWS files; else AWS_PROFILE'
complete -c bedrock -n '__fish_bedrock_seen_command chat' -l endpoint -r -d 'call this address instead of AWS'
complete -c bedrock -n '__fish_bedrock_seen_command chat' -l timeout -r -d 'give a call up after this long, with all of its attempts'
complete -c bedrock -n '__fish_bedrock_seen_command chat' -l retries -r -d 'attempts for one call'
complete -c bedrock -n '__fish_bedrock_seen_command chat' -l verbose -d 'tell of every request and retry on standard error'

complete -c bedrock -n '__fish_bedrock_seen_command map' -s h -l help -d 'Show this help message and exit'
complete -c bedrock -n '__fish_bedrock_seen_command map' -s m -l model -r -d 'model: an id, an ARN, or a name such as claude-sonnet-4.5; else BEDROCK_MODEL, else claude-sonnet-4.5'
complete -c bedrock -n '__fish_bedrock_seen_command map' -s o -l output -r -d 'write the answers there instead of standard output, and go on with what is there'
complete -c bedrock -n '__fish_bedrock_seen_command map' -l restart -d 'begin anew: what is in the output file goes'
complete -c bedrock -n '__fish_bedrock_seen_command map' -s c -l concurrency -r -d 'how many requests at a time (8)'
complete -c bedrock -n '__fish_bedrock_seen_command map' -s s -l system -r -d 'system prompt; @FILE reads it from a file'
complete -c bedrock -n '__fish_bedrock_seen_command map' -s p -l template -r -d 'the prompt: {} is the line, {name} a member of a JSON record; @FILE reads it'
complete -c bedrock -n '__fish_bedrock_seen_command map' -l text -d 'lines are text, even those that look like JSON'
complete -c bedrock -n '__fish_bedrock_seen_command map' -l max-tokens -r -d 'the longest answer (1024)'
complete -c bedrock -n '__fish_bedrock_seen_command map' -l temperature -r -d 'from 0 to 1'
complete -c bedrock -n '__fish_bedrock_seen_command map' -l schema -r -d 'ask for JSON that fits this JSON schema, and check it'
complete -c bedrock -n '__fish_bedrock_seen_command map' -l messages -d 'speak Anthropic\'s Messages format instead of Converse'
complete -c bedrock -n '__fish_bedrock_seen_command map' -l ordered -d 'write in the order of the lines, not in that of the answers'
complete -c bedrock -n '__fish_bedrock_seen_command map' -l full -d 'write whole answers, too, as `reply`'
complete -c bedrock -n '__fish_bedrock_seen_command map' -l with-input -d 'write the line that was asked about, too, as `input`'
complete -c bedrock -n '__fish_bedrock_seen_command map' -l keep-errors -d 'write failures, too, as `error`; then they count as done'
complete -c bedrock -n '__fish_bedrock_seen_command map' -l max-errors -r -d 'give up after so many failures'
complete -c bedrock -n '__fish_bedrock_seen_command map' -l price -r -d 'dollars for a million tokens, for the sum at the end; else BEDROCK_PRICE'
complete -c bedrock -n '__fish_bedrock_seen_command map' -l quiet -d 'neither bar nor sum'
complete -c bedrock -n '__fish_bedrock_seen_command map' -l region -r -d 'AWS region; else AWS_REGION, the profile, us-east-1'
complete -c bedrock -n '__fish_bedrock_seen_command map' -l profile -r -d 'profile of the shared AWS files; else AWS_PROFILE'
complete -c bedrock -n '__fish_bedrock_seen_command map' -l endpoint -r -d 'call this address instead of AWS'
complete -c bedrock -n '__fish_bedrock_seen_command map' -l timeout -r -d 'give a call up after this long, with all of its attempts'
complete -c bedrock -n '__fish_bedrock_seen_command map' -l retries -r -d 'attempts for one call'
complete -c bedrock -n '__fish_bedrock_seen_command map' -l verbose -d 'tell of every request and retry on standard error'

complete -c bedrock -n '__fish_bedrock_seen_command batch' -s h -l help -d 'Show this help message and exit'
complete -c bedrock -n '__fish_bedrock_seen_command batch' -s m -l model -r -d 'model: an id, an ARN, or a name such as claude-sonnet-4.5; else BEDROCK_MODEL, else claude-sonnet-4.5'
complete -c bedrock -n '__fish_bedrock_seen_command batch' -s o -l output -r -d 'write the answers there instead of standard output'
complete -c bedrock -n '__fish_bedrock_seen_command batch' -l folder -r -d 'where the run is kept; INPUT.batch when it is not said'
complete -c bedrock -n '__fish_bedrock_seen_command batch' -l s3 -r -d 'where records and answers travel; else BEDROCK_BATCH_S3'
complete -c bedrock -n '__fish_bedrock_seen_command batch' -l role -r -d 'the role that Bedrock takes on to read and write there; else BEDROCK_BATCH_ROLE'
complete -c bedrock -n '__fish_bedrock_seen_command batch' -s s -l system -r -d 'system prompt; @FILE reads it from a file'
complete -c bedrock -n '__fish_bedrock_seen_command batch' -s p -l template -r -d 'the prompt: {} is the line, {name} a member of a JSON record; @FILE reads it'
complete -c bedrock -n '__fish_bedrock_seen_command batch' -l text -d 'lines are text, even those that look like JSON'
complete -c bedrock -n '__fish_bedrock_seen_command batch' -l max-tokens -r -d 'the longest answer (1024)'
complete -c bedrock -n '__fish_bedrock_seen_command batch' -l temperature -r -d 'from 0 to 1'
complete -c bedrock -n '__fish_bedrock_seen_command batch' -l converse -d 'write records in the Converse format instead of Anthropic\'s Messages, for models of others'
complete -c bedrock -n '__fish_bedrock_seen_command batch' -l records-per-job -r -d 'split into jobs of so many (50000)'
complete -c bedrock -n '__fish_bedrock_seen_command batch' -l no-wait -d 'send everything, and leave: the same command without it waits and fetches'
complete -c bedrock -n '__fish_bedrock_seen_command batch' -l full -d 'write whole answers, too, as `reply`'
complete -c bedrock -n '__fish_bedrock_seen_command batch' -l price -r -d 'dollars for a million tokens of a batch, for the sum at the end; else BEDROCK_PRICE'
complete -c bedrock -n '__fish_bedrock_seen_command batch' -l region -r -d 'AWS region; else AWS_REGION, the profile, us-east-1'
complete -c bedrock -n '__fish_bedrock_seen_command batch' -l profile -r -d 'profile of the shared AWS files; else AWS_PROFILE'
complete -c bedrock -n '__fish_bedrock_seen_command batch' -l endpoint -r -d 'call this address instead of AWS'
complete -c bedrock -n '__fish_bedrock_seen_command batch' -l timeout -r -d 'give a call up after this long, with all of its attempts'
complete -c bedrock -n '__fish_bedrock_seen_command batch' -l retries -r -d 'attempts for one call'
complete -c bedrock -n '__fish_bedrock_seen_command batch' -l verbose -d 'tell of every request and retry on standard error'

complete -c bedrock -n '__fish_bedrock_seen_command converse' -s h -l help -d 'Show this help message and exit'
complete -c bedrock -n '__fish_bedrock_seen_command converse' -s m -l model -r -d 'model: an id, an ARN, or a name such as claude-sonnet-4.5; else BEDROCK_MODEL, else claude-sonnet-4.5'
complete -c bedrock -n '__fish_bedrock_seen_command converse' -l stream -d 'with ConverseStream: a line of JSON for each event, as it comes'
complete -c bedrock -n '__fish_bedrock_seen_command converse' -l text -d 'print the text of the answer only'
complete -c bedrock -n '__fish_bedrock_seen_command converse' -l region -r -d 'AWS region; else AWS_REGION, the profile, us-east-1'
complete -c bedrock -n '__fish_bedrock_seen_command converse' -l profile -r -d 'profile of the shared AWS files; else AWS_PROFILE'
complete -c bedrock -n '__fish_bedrock_seen_command converse' -l endpoint -r -d 'call this address instead of AWS'
complete -c bedrock -n '__fish_bedrock_seen_command converse' -l timeout -r -d 'give a call up after this long, with all of its attempts'
complete -c bedrock -n '__fish_bedrock_seen_command converse' -l retries -r -d 'attempts for one call'
complete -c bedrock -n '__fish_bedrock_seen_command converse' -l verbose -d 'tell of every request and retry on standard error'

complete -c bedrock -n '__fish_bedrock_seen_command invoke' -s h -l help -d 'Show this help message and exit'
complete -c bedrock -n '__fish_bedrock_seen_command invoke' -s m -l model -r -d 'model: an id, an ARN, or a name such as claude-sonnet-4.5; else BEDROCK_MODEL, else claude-sonnet-4.5'
complete -c bedrock -n '__fish_bedrock_seen_command invoke' -l stream -d 'with InvokeModelWithResponseStream: a line for each chunk, as it comes'
complete -c bedrock -n '__fish_bedrock_seen_command invoke' -s o -l output -r -d 'write the answer there, an image for example'
complete -c bedrock -n '__fish_bedrock_seen_command invoke' -l region -r -d 'AWS region; else AWS_REGION, the profile, us-east-1'
complete -c bedrock -n '__fish_bedrock_seen_command invoke' -l profile -r -d 'profile of the shared AWS files; else AWS_PROFILE'
complete -c bedrock -n '__fish_bedrock_seen_command invoke' -l endpoint -r -d 'call this address instead of AWS'
complete -c bedrock -n '__fish_bedrock_seen_command invoke' -l timeout -r -d 'give a call up after this long, with all of its attempts'
complete -c bedrock -n '__fish_bedrock_seen_command invoke' -l retries -r -d 'attempts for one call'
complete -c bedrock -n '__fish_bedrock_seen_command invoke' -l verbose -d 'tell of every request and retry on standard error'

complete -c bedrock -n '__fish_bedrock_seen_command count' -s h -l help -d 'Show this help message and exit'
complete -c bedrock -n '__fish_bedrock_seen_command count' -s m -l model -r -d 'model: an id, an ARN, or a name such as claude-sonnet-4.5; else BEDROCK_MODEL, else claude-sonnet-4.5'
complete -c bedrock -n '__fish_bedrock_seen_command count' -l system -r -d 'with this system prompt; @FILE reads it'
complete -c bedrock -n '__fish_bedrock_seen_command count' -l region -r -d 'AWS region; else AWS_REGION, the profile, us-east-1'
complete -c bedrock -n '__fish_bedrock_seen_command count' -l profile -r -d 'profile of the shared AWS files; else AWS_PROFILE'
complete -c bedrock -n '__fish_bedrock_seen_command count' -l endpoint -r -d 'call this address instead of AWS'
complete -c bedrock -n '__fish_bedrock_seen_command count' -l timeout -r -d 'give a call up after this long, with all of its attempts'
complete -c bedrock -n '__fish_bedrock_seen_command count' -l retries -r -d 'attempts for one call'
complete -c bedrock -n '__fish_bedrock_seen_command count' -l verbose -d 'tell of every request and retry on standard error'

complete -c bedrock -n '__fish_bedrock_seen_command models' -s h -l help -d 'Show this help message and exit'
complete -c bedrock -n '__fish_bedrock_seen_command models' -l provider -r -d 'only models of this provider, anthropic'
complete -c bedrock -n '__fish_bedrock_seen_command models' -l all -d 'models that are on their way out, too, and those that cannot be called from here'
complete -c bedrock -n '__fish_bedrock_seen_command models' -l output -r -d 'only models that give text, image, embedding, ..'
complete -c bedrock -n '__fish_bedrock_seen_command models' -l json -d 'a line of JSON for each, with all that is known'
complete -c bedrock -n '__fish_bedrock_seen_command models' -l region -r -d 'AWS region; else AWS_REGION, the profile, us-east-1'
complete -c bedrock -n '__fish_bedrock_seen_command models' -l profile -r -d 'profile of the shared AWS files; else AWS_PROFILE'
complete -c bedrock -n '__fish_bedrock_seen_command models' -l endpoint -r -d 'call this address instead of AWS'
complete -c bedrock -n '__fish_bedrock_seen_command models' -l timeout -r -d 'give a call up after this long, with all of its attempts'
complete -c bedrock -n '__fish_bedrock_seen_command models' -l retries -r -d 'attempts for one call'
complete -c bedrock -n '__fish_bedrock_seen_command models' -l verbose -d 'tell of every request and retry on standard error'

complete -c bedrock -n '__fish_bedrock_seen_command call' -s h -l help -d 'Show this help message and exit'
complete -c bedrock -n '__fish_bedrock_seen_command call' -l each -d 'a line of JSON for each item of a list, over all of its pages'
complete -c bedrock -n '__fish_bedrock_seen_command call' -l region -r -d 'AWS region; else AWS_REGION, the profile, us-east-1'
complete -c bedrock -n '__fish_bedrock_seen_command call' -l profile -r -d 'profile of the shared AWS files; else AWS_PROFILE'
complete -c bedrock -n '__fish_bedrock_seen_command call' -l endpoint -r -d 'call this address instead of AWS'
complete -c bedrock -n '__fish_bedrock_seen_command call' -l timeout -r -d 'give a call up after this long, with all of its attempts'
complete -c bedrock -n '__fish_bedrock_seen_command call' -l retries -r -d 'attempts for one call'
complete -c bedrock -n '__fish_bedrock_seen_command call' -l verbose -d 'tell of every request and retry on standard error'

complete -c bedrock -n '__fish_bedrock_seen_command whoami' -s h -l help -d 'Show this help message and exit'
complete -c bedrock -n '__fish_bedrock_seen_command whoami' -l json -d 'as one object of JSON'
complete -c bedrock -n '__fish_bedrock_seen_command whoami' -l offline -d 'do not ask AWS; tell only where the credentials come from'
complete -c bedrock -n '__fish_bedrock_seen_command whoami' -l region -r -d 'AWS region; else AWS_REGION, the profile, us-east-1'
complete -c bedrock -n '__fish_bedrock_seen_command whoami' -l profile -r -d 'profile of the shared AWS files; else AWS_PROFILE'
complete -c bedrock -n '__fish_bedrock_seen_command whoami' -l endpoint -r -d 'call this address instead of AWS'
complete -c bedrock -n '__fish_bedrock_seen_command whoami' -l timeout -r -d 'give a call up after this long, with all of its attempts'
complete -c bedrock -n '__fish_bedrock_seen_command whoami' -l retries -r -d 'attempts for one call'
complete -c bedrock -n '__fish_bedrock_seen_command whoami' -l verbose -d 'tell of every request and retry on standard error'

complete -c bedrock -n '__fish_bedrock_seen_command token' -s h -l help -d 'Show this help message and exit'
complete -c bedrock -n '__fish_bedrock_seen_command token' -l life -r -d 'how long it is to work: 90s, 30m, 12h (12h)'
complete -c bedrock -n '__fish_bedrock_seen_command token' -l export -d 'print a line for the shell: export AWS_BEARER_TOKEN_BEDROCK=..'
complete -c bedrock -n '__fish_bedrock_seen_command token' -l region -r -d 'AWS region; else AWS_REGION, the profile, us-east-1'
complete -c bedrock -n '__fish_bedrock_seen_command token' -l profile -r -d 'profile of the shared AWS files; else AWS_PROFILE'
complete -c bedrock -n '__fish_bedrock_seen_command token' -l endpoint -r -d 'call this address instead of AWS'
complete -c bedrock -n '__fish_bedrock_seen_command token' -l timeout -r -d 'give a call up after this long, with all of its attempts'
complete -c bedrock -n '__fish_bedrock_seen_command token' -l retries -r -d 'attempts for one call'
complete -c bedrock -n '__fish_bedrock_seen_command token' -l verbose -d 'tell of every request and retry on standard error'

complete -c bedrock -n '__fish_bedrock_seen_command doctor' -s h -l help -d 'Show this help message and exit'
complete -c bedrock -n '__fish_bedrock_seen_command doctor' -s m -l model -r -d 'model: an id, an ARN, or a name such as claude-sonnet-4.5; else BEDROCK_MODEL, else claude-sonnet-4.5'
complete -c bedrock -n '__fish_bedrock_seen_command doctor' -l call -d 'ask the model for one token, too; this is the only check that costs money'
complete -c bedrock -n '__fish_bedrock_seen_command doctor' -l offline -d 'only what can be checked without the network'
complete -c bedrock -n '__fish_bedrock_seen_command doctor' -l json -d 'a line of JSON for each check'
complete -c bedrock -n '__fish_bedrock_seen_command doctor' -l region -r -d 'AWS region; else AWS_REGION, the profile, us-east-1'
complete -c bedrock -n '__fish_bedrock_seen_command doctor' -l profile -r -d 'profile of the shared AWS files; else AWS_PROFILE'
complete -c bedrock -n '__fish_bedrock_seen_command doctor' -l endpoint -r -d 'call this address instead of AWS'
complete -c bedrock -n '__fish_bedrock_seen_command doctor' -l timeout -r -d 'give a call up after this long, with all of its attempts'
complete -c bedrock -n '__fish_bedrock_seen_command doctor' -l retries -r -d 'attempts for one call'
complete -c bedrock -n '__fish_bedrock_seen_command doctor' -l verbose -d 'tell of every request and retry on standard error'

complete -c bedrock -n '__fish_bedrock_seen_command emulate' -s h -l help -d 'Show this help message and exit'
complete -c bedrock -n '__fish_bedrock_seen_command emulate' -l port -r -d 'the port; 0 takes a free one (0)'
complete -c bedrock -n '__fish_bedrock_seen_command emulate' -l port-file -r -d 'write the port there once it listens'
complete -c bedrock -n '__fish_bedrock_seen_command emulate' -l host -r -d 'the address to listen at (127.0.0.1)'
complete -c bedrock -n '__fish_bedrock_seen_command emulate' -l key -r -d 'a further access key; may be repeated'
complete -c bedrock -n '__fish_bedrock_seen_command emulate' -l token -r -d 'a further API key (bearer token); may be repeated'
complete -c bedrock -n '__fish_bedrock_seen_command emulate' -l region -r -d 'refuse signatures for any other region'
complete -c bedrock -n '__fish_bedrock_seen_command emulate' -l pace -r -d 'milliseconds between two events of a stream (20)'
complete -c bedrock -n '__fish_bedrock_seen_command emulate' -l fault -r -d 'fail on purpose, see below; may be repeated'
complete -c bedrock -n '__fish_bedrock_seen_command emulate' -l cert -r -d 'speak TLS with this certificate'
complete -c bedrock -n '__fish_bedrock_seen_command emulate' -l cert-key -r -d 'and this key; else the certificate\'s file holds it'
complete -c bedrock -n '__fish_bedrock_seen_command emulate' -l log -r -d 'write a line of JSON there for every request'
complete -c bedrock -n '__fish_bedrock_seen_command emulate' -l exit-on-eof -d 'end when standard input closes'
complete -c bedrock -n '__fish_bedrock_seen_command emulate' -l quiet -d 'say nothing'

complete -c bedrock -n '__fish_bedrock_seen_command completion' -s h -l help -d 'Show this help message and exit'
