import Foundation

signal(SIGPIPE, SIG_IGN)
exit(Shell(arguments: CommandLine.arguments, commands: .all).run())
