"""largeSets.py ROOT FOLDER ROUNDS: what each representation of an address set costs with the nft in ROOT, in network namespaces
of their own, in turn. FOLDER holds NAME.nft and NAME.json, the latter with the set, an element that it lacks and the same once
more for other versions. One line of JSON: {name: {step: [seconds, peak MB]}}, the medians of the rounds."""
import ctypes, json, os, statistics, sys, time

root, folder, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3])
libc = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET = 0x40000000


def run(*arguments):
    begin = time.perf_counter()
    pid = os.fork()
    if pid == 0:
        if root != "/":
            os.chroot(root)
        os.chdir("/")
        os.dup2(os.open("/dev/null", os.O_WRONLY), 1)
        os.execvp("nft", ["nft", *arguments])
    _, status, usage = os.wait4(pid, 0)
    if status != 0:
        raise SystemExit(f"nft {' '.join(arguments)}: {status}")
    return time.perf_counter() - begin, usage.ru_maxrss / 1000


names = sorted(name[:-4] for name in os.listdir(folder) if name.endswith(".nft"))
inside = folder if root == "/" else "/mnt"
found = {name: {} for name in names}
for _ in range(rounds):
    for name in names:
        with open(f"{folder}/{name}.json") as file:
            one = json.load(file)
        if libc.unshare(CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "unshare")
        element = [one["set"], f"{{ {one['element']} }}"]
        steps = {
            "load": ["-f", f"{inside}/{name}.nft"],
            "add": ["add", "element", "inet", "t", *element],
            "delete": ["delete", "element", "inet", "t", *element],
            "terse": ["-t", "list", "ruleset", "inet"],
            "list": ["-j", "list", "table", "inet", "t"],
        }
        for step, arguments in steps.items():
            found[name].setdefault(step, []).append(run(*arguments))
print(json.dumps({n: {s: [statistics.median(c) for c in zip(*r)] for s, r in steps.items()} for n, steps in found.items()}))
