# shellcheck shell=bash
# Sourced by scripts that download with apt but leave the configuration and the state of this machine's apt alone.

# Prints apt's sources of a release of Debian with its updates.
debian_sources() {  # deb|deb-src CODENAME
  local mirror=${DEBIAN_MIRROR:-http://deb.debian.org} source
  for source in "debian $2" "debian $2-updates" "debian-security $2-security"; do
    echo "$1 [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror/$source main"
  done
}

# Writes FOLDER/apt.conf, for `apt-get -c`: sources are read from FOLDER/sources, everything that apt writes is below FOLDER, and hooks of
# other packages do not run. The caller adds sources.
private_apt() {  # FOLDER
  local folder=$1
  # apt downloads as a user of its own, who has to get here.
  chmod 755 "$folder"
  mkdir -p "$folder"/{sources,lists/partial,cache/archives/partial}
  cat >"$folder/apt.conf" <<CONF
Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts "$folder/sources";
Dir::State::lists "$folder/lists";
Dir::Cache "$folder/cache";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
CONF
}
