# shellcheck shell=bash
# Sourced by scripts that download with apt but leave the configuration and the state of this machine's apt alone.

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
