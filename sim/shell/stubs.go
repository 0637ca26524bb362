package shell

import "context"

func missingYet(_ context.Context, p *Process) int { return p.say("soon") }

var cmdSed, cmdAwk, cmdCmp, cmdDiff, cmdOd, cmdHexdump, cmdXxd, cmdStrings, cmdSum, cmdBase64, cmdCksum, cmdTar, cmdGzip, cmdBzip2 Command = missingYet, missingYet, missingYet, missingYet, missingYet, missingYet, missingYet, missingYet, missingYet, missingYet, missingYet, missingYet, missingYet, missingYet
