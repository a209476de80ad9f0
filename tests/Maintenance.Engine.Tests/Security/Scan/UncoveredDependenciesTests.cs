using Maintenance.Engine.Security.Scan.Dependencies;

namespace Maintenance.EngineTests.Security.Scan;

public class UncoveredDependenciesTests
{
    private static List<Finding> In(SourceFolderScene scene) => [.. UncoveredDependencies.In(scene.Path, "app", Readings.Now)];

    [Fact]
    public void Imports_of_edge_functions_are_for_a_person_to_look_up()
    {
        using var scene = new SourceFolderScene();
        scene.Write("supabase/functions/hello/index.ts", "import { z } from 'npm:zod@3';\n");
        scene.Write("supabase/functions/deno.json", """{"imports":{"@supabase/supabase-js":"jsr:@supabase/supabase-js@2"}}""");
        scene.Write("supabase/functions/plain/index.ts", "import { a } from './a.ts';\n// from npm: nothing\n");

        var finding = Assert.Single(In(scene));

        Assert.Equal((UncoveredDependencies.Id, FindingOutcome.Manual, "Deno", "app", HealthStatus.Unknown), (finding.Id, finding.Outcome, finding.Subject, finding.Scope, finding.Status));
        Assert.Equal(["supabase/functions/deno.json", "supabase/functions/hello/index.ts"], ((IEnumerable<string>)finding.Evidence["Files"]!).Order(StringComparer.Ordinal));
        Assert.Contains("deno audit", finding.Recommendation, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("import 'jsr:@std/assert@1'")]
    [InlineData("const x = await import(\"npm:chalk\")")]
    [InlineData("import {\n  serve,\n} from \"https://deno.land/std@0.168.0/http/server.ts\"")]
    public void Every_way_to_import_counts(string source)
    {
        using var scene = new SourceFolderScene();
        scene.Write("index.ts", source);

        Assert.Equal("Deno", Assert.Single(In(scene)).Subject);
    }

    [Theory]
    [InlineData("yarn.lock", "Yarn")]
    [InlineData("pnpm-lock.yaml", "pnpm")]
    [InlineData("deno.lock", "Deno")]
    [InlineData("poetry.lock", "Poetry")]
    [InlineData("Cargo.lock", "Rust")]
    [InlineData("packages.config", "NuGet")]
    public void Lists_of_other_package_managers_are_told(string file, string kind)
    {
        using var scene = new SourceFolderScene();
        scene.Write("src/" + file, "x");

        var finding = Assert.Single(In(scene));

        Assert.Equal(kind, finding.Subject);
        Assert.Contains($"src/{file} in app", finding.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"lockfileVersion":3,"packages":{"":{},"node_modules/a":{"resolved":"git+https://git.example.com/a.git#1"},"node_modules/b":{"resolved":"../b","link":true},"../b":{},"node_modules/c":{"version":"1.0.0","resolved":"https://registry.npmjs.org/c.tgz"}}}""", "2 packages that")]
    [InlineData("""{"lockfileVersion":1,"dependencies":{"a":{"version":"github:x/a#1"},"c":{"version":"1.0.0"}}}""", "1 package that")]
    [InlineData("""{"lockfileVersion":3,"packages":{"":{},"web":{},"node_modules/web":{"resolved":"web","link":true}}}""", null)]
    public void Packages_from_git_and_folders_are_in_no_list(string lockFile, string? said)
    {
        using var scene = new SourceFolderScene();
        scene.Write("package-lock.json", lockFile);

        var findings = In(scene);

        Assert.Equal(said is null ? 0 : 1, findings.Count);
        Assert.All(findings, finding => Assert.Equal((UncoveredDependencies.Id, FindingOutcome.Manual, "npm from git or folders"), (finding.Id, finding.Outcome, finding.Subject)));
        Assert.All(findings, finding => Assert.StartsWith(said!, finding.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void A_package_without_a_lock_file_is_told_unless_its_workspace_has_one()
    {
        using var scene = new SourceFolderScene();
        const string Package = """{"dependencies":{"minimist":"1.2.0"}}""";
        scene.Write("lonely/package.json", Package);
        scene.Write("tool/package.json", """{"name":"tool","dependencies":{}}""");
        scene.Write("shop/package.json", Package);
        scene.Write("shop/package-lock.json", """{"lockfileVersion":3,"packages":{"":{},"packages/a":{"version":"1.0.0"}}}""");
        scene.Write("shop/packages/a/package.json", Package);
        scene.Write("shop/packages/b/package.json", Package);

        var files = (IEnumerable<string>)Assert.Single(In(scene)).Evidence["Files"]!;

        Assert.Equal(["lonely/package.json", "shop/packages/b/package.json"], files.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void What_was_exported_as_requirements_is_covered()
    {
        using var scene = new SourceFolderScene();
        scene.Write("poetry.lock", "x");
        scene.Write("requirements.txt", "flask==3.0.0 --hash=sha256:0");

        Assert.Empty(In(scene));
    }
}
