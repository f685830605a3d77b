"""Plays a person at a terminal: terminal.py COLUMNS STEPS... -- COMMAND...

A step is `expect:TEXT` (wait until the screen has shown it), `send:KEYS` (with \\r, \\x03 and the like) or `pause:SECONDS`.
What the terminal was sent is printed at the end; the exit code is the command's, or 99 when an expected text never came.
"""
import fcntl, os, pty, select, signal, struct, sys, termios, time

columns = int(sys.argv[1])
cut = sys.argv.index("--")
steps, command = sys.argv[2:cut], sys.argv[cut + 1:]

pid, fd = pty.fork()
if pid == 0:
    os.execvp(command[0], command)
fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))

seen = b""
looked = 0


def read(seconds):
    """Takes what comes within that time; False at the end."""
    global seen
    if select.select([fd], [], [], seconds)[0]:
        try:
            data = os.read(fd, 65536)
        except OSError:
            return False
        if not data:
            return False
        seen += data
    return True


def expect(text):
    global looked
    until = time.time() + 20
    while time.time() < until:
        at = seen.find(text, looked)
        if at >= 0:
            looked = at + len(text)
            return
        if not read(0.1) and seen.find(text, looked) < 0:
            break
    sys.stdout.buffer.write(seen)
    print("\n-- never came:", text)
    os.kill(pid, signal.SIGKILL)
    sys.exit(99)


for step in steps:
    kind, _, text = step.partition(":")
    if kind == "pause":
        time.sleep(float(text))
    elif kind == "send":
        os.write(fd, text.encode().decode("unicode_escape").encode("latin-1"))
    else:
        expect(text.encode())

until = time.time() + 20
while time.time() < until and read(0.1):
    pass
sys.stdout.buffer.write(seen)
sys.stdout.flush()
os.kill(pid, signal.SIGHUP)
_, status = os.waitpid(pid, 0)
sys.exit(os.waitstatus_to_exitcode(status) & 0xFF)
