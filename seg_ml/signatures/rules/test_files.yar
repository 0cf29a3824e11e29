rule eicar_test_file
{
    meta:
        description = "the EICAR anti-malware test file"
        severity = "critical"
        attack = "T1204.002"
        source = "https://www.eicar.org/download-anti-malware-testfile/"
    strings:
        // In hexadecimal, so that scanners do not take this rule for the test file.
        $eicar = { 58 35 4F 21 50 25 40 41 50 5B 34 5C 50 5A 58 35 34 28 50 5E 29 37 43 43 29 37 7D 24 45 49 43 41 52 }
    condition:
        $eicar in (0 .. 1024)
}

rule gtube_test_text
{
    meta:
        description = "the GTUBE test text for spam filters"
        severity = "high"
        attack = ""
        source = "https://spamassassin.apache.org/gtube/"
    strings:
        $gtube = { 58 4A 53 2A 43 34 4A 44 42 51 41 44 4E 31 2E 4E 53 42 4E 33 2A 32 49 44 4E 45 4E 2A 47 54 55 42 45 2D 53 54 41 4E 44 41 52 44 2D 41 4E 54 49 2D 55 42 45 2D 54 45 53 54 2D 45 4D 41 49 4C 2A 43 2E 33 34 58 }
    condition:
        surface == "body" and $gtube
}
