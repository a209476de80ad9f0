# Outlives the process that owns a sandbox, and clears the sandbox away once that process has ended, however it ended.
# $1 folder of the sandbox, $2 its record, then folders above it that were made for it, the innermost first. Standard input is a pipe that only the owner holds; "keep" on it detaches.
exec > /dev/null 2>&1
# What the terminal sends is meant for the owner.
trap '' HUP INT QUIT TERM TSTP
folder=$1
record=$2
shift 2
cd /

while read -r line; do
    [ "$line" = keep ] && exit 0
done

# A process is ours if its command line names this sandbox's folder, which nobody else's does.
ours() {
    if [ -r "/proc/$1/cmdline" ]; then
        tr '\0' ' ' < "/proc/$1/cmdline"
    else
        ps -o command= -p "$1"
    fi | grep -qF -- "$(basename -- "$folder")"
}

# $1 file whose first line is a process id, $2 signal that ends it
end() {
    pid=$(head -n 1 -- "$1") || return 0
    case $pid in
        '' | *[!0-9]*) return 0 ;;
    esac
    ours "$pid" || return 0
    kill -s "$2" "$pid"
    tries=0
    while ours "$pid" && [ "$tries" -lt 100 ]; do
        sleep 0.05
        tries=$((tries + 1))
    done
    ours "$pid" && kill -s KILL "$pid"
}

end "$folder/server/data/postmaster.pid" QUIT
end "$folder/azurite/azurite.pid" KILL

# A program that was cut off while it set things up may still be writing: once more, until nothing is left.
tries=0
while [ -e "$folder" ] && [ "$tries" -lt 50 ]; do
    rm -rf -- "$folder" || sleep 0.1
    tries=$((tries + 1))
done

# Those above it go too, unless somebody has put something there.
for made in "$@"; do
    rmdir -- "$made"
done

# As long as something is left the record stays too, and the next start tries again.
[ -e "$folder" ] || rm -f -- "$record"
