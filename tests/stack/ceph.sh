#!/usr/bin/env bash
# A single-node Ceph with its S3 gateway, on loopback, in memory. Usage: ceph.sh FOLDER S3-PORT MON-PORT
# The pids are in FOLDER/run; whoever started it ends them.
set -euo pipefail
D=$1 S3=$2 MON=$3
mkdir -p "$D"/mon "$D"/osd/0 "$D"/run "$D"/log
FSID=$(cat /proc/sys/kernel/random/uuid)
cat > "$D/ceph.conf" <<C
[global]
keyring=$D/keyring
fsid=$FSID
mon_initial_members=a
mon_host=[v2:127.0.0.1:$MON/0]
auth_cluster_required=cephx
auth_service_required=cephx
auth_client_required=cephx
auth_allow_insecure_global_id_reclaim=false
mon_allow_pool_size_one=true
mon_warn_on_pool_no_redundancy=false
osd_pool_default_size=1
osd_pool_default_min_size=1
osd_pool_default_pg_num=4
osd_pool_default_pg_autoscale_mode=off
osd_crush_chooseleaf_type=0
mon_max_pg_per_osd=1000
run_dir=$D/run
admin_socket=$D/run/\$cluster-\$name.asok
log_file=$D/log/\$name.log
pid_file=$D/run/\$name.pid
ms_bind_ipv6=false
public_addr=127.0.0.1
cluster_addr=127.0.0.1
[mon]
mon_data=$D/mon/\$id
mon_data_avail_crit=1
mon_data_avail_warn=2
[osd]
keyring=$D/osd/\$id/keyring
osd_data=$D/osd/\$id
osd_objectstore=memstore
memstore_device_bytes=2147483648
osd_max_object_name_len=256
[client.rgw.a]
rgw_frontends=beast endpoint=127.0.0.1:$S3
rgw_dns_name=localhost
rgw_crypt_require_ssl=false
C
export CEPH_CONF=$D/ceph.conf
C="-c $CEPH_CONF"
ceph-authtool --create-keyring "$D/keyring" --gen-key -n mon. --cap mon 'allow *' >/dev/null
ceph-authtool "$D/keyring" --gen-key -n client.admin --cap mon 'allow *' --cap osd 'allow *' --cap mgr 'allow *' --cap mds 'allow *' >/dev/null
ceph-authtool "$D/keyring" --gen-key -n client.rgw.a --cap mon 'allow *' --cap osd 'allow *' --cap mgr 'allow *' >/dev/null
monmaptool --create --clobber --fsid "$FSID" --addv a "[v2:127.0.0.1:$MON]" "$D/monmap" >/dev/null
ceph-mon $C --mkfs -i a --monmap "$D/monmap" --keyring "$D/keyring"
ceph-mon $C -i a
OSD=$(cat /proc/sys/kernel/random/uuid) KEY=$(ceph-authtool --gen-print-key)
echo "{\"cephx_secret\": \"$KEY\"}" | timeout 30 ceph $C osd new "$OSD" -i - >/dev/null
printf '[osd.0]\n\tkey = %s\n' "$KEY" > "$D/osd/0/keyring"
ceph-osd $C -i 0 --mkfs --osd-uuid "$OSD" 2>/dev/null
ceph-osd $C -i 0 2>/dev/null
for _ in $(seq 1 60); do timeout 5 ceph $C osd stat 2>/dev/null | grep -q '1 up' && break; sleep 0.5; done
radosgw $C -n client.rgw.a
for _ in $(seq 1 120); do curl -s -o /dev/null "http://127.0.0.1:$S3/" && break; sleep 0.5; done
timeout 60 radosgw-admin $C -n client.rgw.a user create --uid=test --display-name=test --access-key=AKTEST --secret-key=SKTEST123 >/dev/null
