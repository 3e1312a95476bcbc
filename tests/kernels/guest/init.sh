#!/bin/sh
# The first process of the machine: mounts file systems, runs the suite, writes the results to the disk, and powers off.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 PYTHONUNBUFFERED=1
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t securityfs security /sys/kernel/security 2>/dev/null
mount -t devtmpfs dev /dev 2>/dev/null
mount -t tmpfs run /run
mount -t tmpfs tmp /tmp
mount -t tmpfs out /out
ln -sf /proc/self/fd /dev/fd
echo 1 >/proc/sys/kernel/printk # the console is for the suite; the kernel's log is read at its end
ip link set lo up
modprobe -a virtio_pci virtio_blk 2>/dev/null
echo "booted in $(cut -d' ' -f1 /proc/uptime) s: Linux $(uname -r)"

# shellcheck disable=SC2046 # words
python3 /suite/tests/kernels/guest/suite.py $(sed -n 's/.*suite=\([^ ]*\).*/\1/p' /proc/cmdline)
dmesg >/out/dmesg.txt
tar -cf /tmp/left.tar -C /out . && cat /tmp/left.tar >/dev/vda && sync
echo "switched off after $(cut -d' ' -f1 /proc/uptime) s"
echo o >/proc/sysrq-trigger
sleep 60
