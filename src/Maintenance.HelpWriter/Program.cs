#pragma warning disable RS0030 // A build tool speaks to MSBuild through the console: it has no sink.

using Maintenance.HelpWriter;

if (args.Length == 0)
{
    Console.Error.WriteLine("Maintenance.HelpWriter ASSEMBLY [--reference FILE-OR-FOLDER]... [--maml FILE] [--markdown FOLDER] [--privileges FILE] [--schema FILE --settings FILE]");
    return 2;
}

var options = args.Skip(1).Chunk(2).ToLookup(pair => pair[0], pair => pair[^1]);
var cmdlets = CmdletReader.Read(args[0], options["--reference"]);
var problems = HelpCheck.Problems(cmdlets);
if (problems.Count > 0)
{
    foreach (var problem in problems)
    {
        Console.WriteLine(problem);
    }

    return 1;
}

foreach (var file in options["--maml"])
{
    Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
    using var stream = File.Create(file);
    MamlWriter.Write(cmdlets, stream);
}

foreach (var folder in options["--markdown"])
{
    Directory.CreateDirectory(folder);
    foreach (var cmdlet in cmdlets)
    {
        File.WriteAllText(Path.Combine(folder, $"{cmdlet.Name}.md"), MarkdownWriter.Write(cmdlet));
    }
}

foreach (var file in options["--privileges"])
{
    File.WriteAllText(file, PrivilegesWriter.Write(cmdlets));
}

foreach (var file in options["--settings"])
{
    File.WriteAllText(file, SettingsWriter.Write(File.ReadAllText(options["--schema"].Single())));
}

return 0;
