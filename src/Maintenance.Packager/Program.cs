#pragma warning disable RS0030 // A build tool speaks to MSBuild through the console: it has no sink.

using System.Globalization;
using Maintenance.Packager;

if (args.Length == 0)
{
    Console.Error.WriteLine("""
        Maintenance.Packager manifest --source FILE --changelog FILE --version V --licence ID [--project URL] --out FILE
        Maintenance.Packager notices  --folder FOLDER --product NAME --version V --licence ID [--part PREFIX=ASSETS]...
        Maintenance.Packager pack     --folder FOLDER --licence ID [--project URL] --out FOLDER --most BYTES
        Maintenance.Packager tool     --package FILE --root FOLDER-IN-IT --product NAME --version V --licence ID [--part PREFIX=ASSETS]... --most BYTES
        """);
    return 2;
}

var options = args.Skip(1).Chunk(2).ToLookup(pair => pair[0], pair => pair[^1]);
string Option(string name) => options[name].FirstOrDefault() ?? throw new PackagingException($"{args[0]} wants {name}.");
try
{
    switch (args[0])
    {
        case "manifest":
            var notes = ReleaseNotes.Of(Option("--version"), File.ReadAllText(Option("--changelog")));
            var manifest = new ModuleManifest(File.ReadAllText(Option("--source")))
                .Complete(Option("--version"), $"https://licenses.nuget.org/{Option("--licence")}", options["--project"].FirstOrDefault(), notes);
            File.WriteAllText(Option("--out"), manifest.Text.ReplaceLineEndings("\n"));
            break;
        case "notices":
            Notices.WriteInto(Option("--folder"), Option("--product"), Option("--version"), Option("--licence"), options["--part"].Select(PackagePart.Parse));
            break;
        case "pack":
            CheckSize(ModulePackage.Write(Option("--folder"), Option("--licence"), options["--project"].FirstOrDefault(), Option("--out")));
            break;
        case "tool":
            ToolPackage.Complete(Option("--package"), Option("--root"), Option("--product"), Option("--version"), Option("--licence"), options["--part"].Select(PackagePart.Parse));
            CheckSize(Option("--package"));
            break;
        default:
            throw new PackagingException($"There is no command {args[0]}.");
    }

    return 0;

    void CheckSize(string package)
    {
        var most = long.Parse(Option("--most"), CultureInfo.InvariantCulture);
        var bytes = new FileInfo(package).Length;
        if (bytes > most)
        {
            throw new PackagingException($"{package} has {bytes} bytes, more than the {most} of src/Pack.proj.");
        }

        Console.WriteLine($"{package}: {bytes} bytes");
    }
}
catch (PackagingException exception)
{
    Console.WriteLine($"Maintenance.Packager : error MNT0001: {exception.Message}");
    return 1;
}
