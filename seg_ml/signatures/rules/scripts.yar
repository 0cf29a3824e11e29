rule powershell_encoded_command
{
    meta:
        description = "PowerShell with an encoded command"
        severity = "high"
        attack = "T1059.001"
        source = "ATT&CK T1059.001"
    strings:
        $call = /powershell(\.exe)?["' ][^\r\n]{0,60}[-\/]e(c|nc|nco|ncodedcommand)?\s{1,8}["']?[A-Za-z0-9+\/]{40}/ nocase
    condition:
        surface == "attachment" and $call
}

rule script_downloader
{
    meta:
        description = "a script that fetches a file and runs it"
        severity = "high"
        attack = "T1105"
        source = "ATT&CK T1105"
    strings:
        $fetch1 = "MSXML2.XMLHTTP" nocase
        $fetch2 = "WinHttp.WinHttpRequest" nocase
        $fetch3 = "DownloadString(" nocase
        $fetch4 = "DownloadFile(" nocase
        $fetch5 = "URLDownloadToFile" nocase
        $fetch6 = "certutil -urlcache" nocase
        $fetch7 = "bitsadmin /transfer" nocase
        $run1 = "WScript.Shell" nocase
        $run2 = "ShellExecute" nocase
        $run3 = "Invoke-Expression" nocase
        $run4 = "IEX(" nocase
        $run5 = "IEX (" nocase
        $run6 = "Start-Process" nocase
        $run7 = "cmd /c" nocase
        $run8 = "ADODB.Stream" nocase
    condition:
        surface == "attachment" and any of ($fetch*) and any of ($run*)
}

rule shortcut_with_interpreter
{
    meta:
        description = "a Windows shortcut that starts an interpreter"
        severity = "critical"
        attack = "T1204.002"
        source = "MS-SHLLINK"
    strings:
        $head = { 4C 00 00 00 01 14 02 00 00 00 00 00 C0 00 00 00 00 00 00 46 }
        $powershell = "powershell" nocase ascii wide
        $cmd = "cmd.exe" nocase ascii wide
        $mshta = "mshta" nocase ascii wide
        $wscript = "wscript" nocase ascii wide
        $rundll = "rundll32" nocase ascii wide
    condition:
        $head at 0 and any of ($powershell, $cmd, $mshta, $wscript, $rundll)
}

rule executable_as_base64
{
    meta:
        description = "an executable hidden as base64 inside a text file"
        severity = "high"
        attack = "T1027"
        source = "PE format: e_magic and the DOS stub, in base64"
    strings:
        $mz = "TVqQAAMAAAAEAAAA"
        $stub1 = "VGhpcyBwcm9ncmFtIGNhbm5vdCBiZSBydW4gaW4gRE9TIG1vZGU"
        $stub2 = "RoaXMgcHJvZ3JhbSBjYW5ub3QgYmUgcnVuIGluIERPUyBtb2Rl"
        $stub3 = "UaGlzIHByb2dyYW0gY2Fubm90IGJlIHJ1biBpbiBET1MgbW9kZ"
    condition:
        surface != "raw" and ($mz or any of ($stub*))
}

rule script_host_application
{
    meta:
        description = "an HTML application, which runs outside the browser's sandbox"
        severity = "high"
        attack = "T1218.005"
        source = "ATT&CK T1218.005"
    strings:
        $hta = "<hta:application" nocase
    condition:
        surface == "attachment" and $hta
}
