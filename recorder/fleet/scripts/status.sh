running=$(pid)
if [ -z "$running" ]; then
    [ -e "$what" ] && echo ":: state stopped" || echo ":: state not deployed"
    exit 0
fi
echo ":: state running"
echo ":: seconds $(ps -o etimes= -p "$running" | tr -d ' ')"
python3 - "$address" <<'PYTHON'
import sys, urllib.request
try:
    page = urllib.request.urlopen("http://%s/metrics" % sys.argv[1], timeout=5).read().decode()
except OSError as error:
    sys.exit(print(":: trouble it does not answer:", error))
lines = [line.rsplit(" ", 1) for line in page.splitlines() if line[:1] not in ("", "#")]
values = dict(lines)
down = [name.split('"')[1] for name, value in lines if name.startswith("driftscope_source_up{") and value == "0"]
print(":: samples", values.get("driftscope_sample_sequence", 0))
print(":: missed", values.get("driftscope_ticks_missed_total", 0))
print(":: series", len(lines))
if down:
    print(":: trouble cannot read", ", ".join(down))
PYTHON
