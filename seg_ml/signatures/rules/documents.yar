rule rtf_equation_object
{
    meta:
        description = "an RTF file with an Equation Editor object (CVE-2017-11882)"
        severity = "high"
        attack = "T1203"
        source = "CVE-2017-11882"
    strings:
        $rtf = "{\\rt" nocase
        $object = "\\objdata" nocase
        $name = "Equation.3" nocase
        $hex = "4571756174696f6e2e33" nocase
        $class = "02ce020000000000c000000000000046" nocase
    condition:
        $rtf at 0 and $object and any of ($name, $hex, $class)
}

rule rtf_self_updating_object
{
    meta:
        description = "an RTF file with an object that loads without a click (CVE-2017-0199)"
        severity = "high"
        attack = "T1221"
        source = "CVE-2017-0199"
    strings:
        $rtf = "{\\rt" nocase
        $update = "\\objupdate" nocase
        $link = "\\objautlink" nocase
        $moniker = "E0C9EA79F9BACE118C8200AA004BA90B" nocase
    condition:
        $rtf at 0 and ($update or $link) and ($moniker or $link)
}

rule office_dde_command
{
    meta:
        description = "a DDE field that starts a program"
        severity = "high"
        attack = "T1559.002"
        source = "ATT&CK T1559.002"
    strings:
        $field = /DDE(AUTO)?[ \t"]{1,8}c:\\\\?windows/ nocase
        $csv = /[=+@-](cmd|powershell|mshta|rundll32)\|'/ nocase
    condition:
        surface == "attachment" and any of them
}

rule onenote_with_program
{
    meta:
        description = "a OneNote section with an embedded script or program"
        severity = "high"
        attack = "T1566.001"
        source = "MS-ONESTORE 2.6.13 FileDataStoreObject"
    strings:
        $one = { E4 52 5C 7B 8C D8 A7 4D AE B1 53 78 D0 29 96 D3 }
        $object = { E7 16 E3 BD 65 26 11 45 A4 C4 8D 4D 0B 7A 9E AC }
        $pe = "This program cannot be run in DOS mode"
        $hta = "<hta:application" nocase
        $wscript = "WScript.Shell" nocase
        $powershell = "powershell" nocase
        $batch = "@echo off" nocase
    condition:
        $one at 0 and $object and any of ($pe, $hta, $wscript, $powershell, $batch)
}

rule pdf_launch_action
{
    meta:
        description = "a PDF that starts a program"
        severity = "high"
        attack = "T1204.002"
        source = "ISO 32000-1 12.6.4.5"
    strings:
        $pdf = "%PDF-"
        $launch = /\/S\s{0,4}\/Launch\b/
    condition:
        $pdf in (0 .. 1024) and $launch
}

rule pdf_open_javascript
{
    meta:
        description = "a PDF that runs JavaScript when it is opened"
        severity = "medium"
        attack = "T1059.007"
        source = "ISO 32000-1 12.6.4.16"
    strings:
        $pdf = "%PDF-"
        $open = "/OpenAction"
        $event = "/AA"
        $script = /\/S\s{0,4}\/JavaScript\b/
    condition:
        $pdf in (0 .. 1024) and $script and ($open or $event)
}

rule executable_in_document
{
    meta:
        description = "an executable inside a document"
        severity = "high"
        attack = "T1027.009"
        source = "PE format: e_lfanew at 0x3C leads to the signature"
    strings:
        $ole = { D0 CF 11 E0 A1 B1 1A E1 }
        $one = { E4 52 5C 7B 8C D8 A7 4D }
        $tnef = { 78 9F 3E 22 }
        $pdf = "%PDF-"
        $mz = "MZ"
    condition:
        surface == "attachment" and ($ole at 0 or $one at 0 or $tnef at 0 or $pdf in (0 .. 1024)) and
        for any i in (1 .. #mz) : (
            uint32(@mz[i] + 0x3C) < 0x1000 and uint32(@mz[i] + uint32(@mz[i] + 0x3C)) == 0x00004550
        )
}

rule executable_in_rtf
{
    meta:
        description = "an executable inside an object of an RTF file"
        severity = "high"
        attack = "T1027.009"
        source = "RTF 1.9.1 objdata: bytes in hexadecimal"
    strings:
        $rtf = "{\\rt" nocase
        $object = "\\objdata" nocase
        $mz = /4d5a[0-9a-f]{20}/ nocase
        $pe = "50450000" nocase
    condition:
        $rtf at 0 and $object and $mz and $pe
}

rule packaged_program
{
    meta:
        description = "a program packed into a document as an object"
        severity = "high"
        attack = "T1204.002"
        source = "MS-OLEDS 2.3.6 OLENativeStream"
    strings:
        $ole = { D0 CF 11 E0 A1 B1 1A E1 }
        $native = "Ole10Native" wide
        $exe = ".exe\x00" nocase
        $scr = ".scr\x00" nocase
        $js = ".js\x00" nocase
        $vbs = ".vbs\x00" nocase
        $bat = ".bat\x00" nocase
        $cmd = ".cmd\x00" nocase
        $hta = ".hta\x00" nocase
        $lnk = ".lnk\x00" nocase
    condition:
        $ole at 0 and $native and any of ($exe, $scr, $js, $vbs, $bat, $cmd, $hta, $lnk)
}
