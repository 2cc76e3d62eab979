# Signs programs or an MSI on Windows with the certificate in the variables CERTIFICATE (a PFX file,
# base64) and PASSWORD: sign.ps1 FILE...
$ErrorActionPreference = "Stop"
$pfx = Join-Path ([IO.Path]::GetTempPath()) ([IO.Path]::GetRandomFileName())
$kits = "${env:ProgramFiles(x86)}\Windows Kits\10\bin\10.*\x64\signtool.exe"
$signtool = Get-ChildItem $kits | Sort-Object { [version]$_.Directory.Parent.Name } | Select-Object -Last 1
if (-not $signtool) { throw "signtool.exe is not there; install the Windows SDK" }
try {
    [IO.File]::WriteAllBytes($pfx, [Convert]::FromBase64String($env:CERTIFICATE))
    & $signtool.FullName sign /fd SHA256 /f $pfx /p $env:PASSWORD /d "O2 Kiosk" `
        /tr http://timestamp.digicert.com /td SHA256 $args
    if ($LASTEXITCODE) { throw "signtool ended with $LASTEXITCODE" }
    & $signtool.FullName verify /pa $args
    if ($LASTEXITCODE) { throw "the signature does not verify" }
} finally {
    Remove-Item $pfx -ErrorAction SilentlyContinue
}
