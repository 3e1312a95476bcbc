// The end of the process, whatever is still under way.
#pragma once

namespace conntrack::exporter {

/// \brief  Ends the process with `code` in 1.5 s, unless it has ended by itself before.
///
/// For work that cannot be cancelled: a read of a file that does not answer, the hash of a
/// password, a walk inside one system call. Says so on standard error.
/// Threads: any. Uses setitimer(2) and SIGALRM, as do the functions below. There is one timer: each
/// call replaces the one before.
void LeaveSoon(int code);

/// Ends the process with code 1 a minute from now unless StartIsDone() is called before: a file
/// that is read at the start, or by advise, or a name server may never answer.
void LimitStart();
void StartIsDone();

}  // namespace conntrack::exporter
