; An installer for Windows, for Inno Setup 6: iscc /DVersion=0.1.0 packaging\windows\run-inspector.iss
; It takes the frozen program from dist\run-inspector. Files get Run Inspector under "Open with"; what opens them stays.

#ifndef Version
  #error give the version: /DVersion=0.1.0
#endif

[Setup]
AppId={{6B0E2E35-0C0B-4B0E-9B57-6C2A1F6C8D41}
AppName=Run Inspector
AppVersion={#Version}
AppPublisher=The Run Inspector authors
LicenseFile=..\..\LICENSE
DefaultDirName={autopf}\Run Inspector
PrivilegesRequired=lowest
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
ChangesAssociations=yes
OutputBaseFilename=run-inspector-{#Version}-setup
UninstallDisplayIcon={app}\run-inspector.exe

[Files]
Source: "..\..\dist\run-inspector\*"; DestDir: "{app}"; Flags: recursesubdirs ignoreversion

[Icons]
Name: "{autoprograms}\Run Inspector"; Filename: "{app}\run-inspector.exe"; AppUserModelID: "RunInspector"

[Registry]
Root: HKA; Subkey: "Software\Classes\RunInspector.File"; ValueType: string; ValueData: "Training run file"; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\RunInspector.File\DefaultIcon"; ValueType: string; ValueData: "{app}\run-inspector.exe,0"
Root: HKA; Subkey: "Software\Classes\RunInspector.File\shell\open\command"; ValueType: string; ValueData: """{app}\run-inspector.exe"" ""%1"""
Root: HKA; Subkey: "Software\Classes\.pt\OpenWithProgids"; ValueType: string; ValueName: "RunInspector.File"; ValueData: ""; Flags: uninsdeletevalue
Root: HKA; Subkey: "Software\Classes\.pth\OpenWithProgids"; ValueType: string; ValueName: "RunInspector.File"; ValueData: ""; Flags: uninsdeletevalue
Root: HKA; Subkey: "Software\Classes\.ckpt\OpenWithProgids"; ValueType: string; ValueName: "RunInspector.File"; ValueData: ""; Flags: uninsdeletevalue
Root: HKA; Subkey: "Software\Classes\.safetensors\OpenWithProgids"; ValueType: string; ValueName: "RunInspector.File"; ValueData: ""; Flags: uninsdeletevalue
Root: HKA; Subkey: "Software\Classes\.npz\OpenWithProgids"; ValueType: string; ValueName: "RunInspector.File"; ValueData: ""; Flags: uninsdeletevalue
Root: HKA; Subkey: "Software\Classes\.npy\OpenWithProgids"; ValueType: string; ValueName: "RunInspector.File"; ValueData: ""; Flags: uninsdeletevalue
Root: HKA; Subkey: "Software\Classes\.wandb\OpenWithProgids"; ValueType: string; ValueName: "RunInspector.File"; ValueData: ""; Flags: uninsdeletevalue
Root: HKA; Subkey: "Software\Classes\.h5\OpenWithProgids"; ValueType: string; ValueName: "RunInspector.File"; ValueData: ""; Flags: uninsdeletevalue
Root: HKA; Subkey: "Software\Classes\.hdf5\OpenWithProgids"; ValueType: string; ValueName: "RunInspector.File"; ValueData: ""; Flags: uninsdeletevalue
