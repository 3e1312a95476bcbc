// Ends the process regardless of work in progress.
#pragma once

namespace conntrack::exporter {

/// \brief  Ends the process with `code` after 1.5 s, unless it has exited by then.
///
/// For work that cannot be cancelled: a read of a file that does not respond, a password hash, a
/// walk inside one system call. Writes a message to standard error.
/// Threads: any. Uses setitimer(2) and SIGALRM, like the functions below. There is only one timer:
/// each call replaces the previous one.
void LeaveSoon(int code);

/// Ends the process with code 1 after one minute, unless StartIsDone() is called before. A file
/// that is read at the start, or by advise, or a name server may never respond.
void LimitStart();
void StartIsDone();

}  // namespace conntrack::exporter
