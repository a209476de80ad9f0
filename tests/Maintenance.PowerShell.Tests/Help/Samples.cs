using System.Management.Automation;

namespace Maintenance.ModuleTests.Help.Samples;

/// <summary>How thoroughly a sample is looked at.</summary>
public enum SampleDepth
{
    /// <summary>The surface.</summary>
    Shallow,

    /// <summary>Down to <c>pg_class</c>.</summary>
    Deep,
}

/// <summary>A sample.</summary>
public sealed record SampleItem;

/// <summary>Declares what several sample cmdlets share.</summary>
/// <typeparam name="T">What they are about.</typeparam>
public abstract class SampleCmdlet<T> : PSCmdlet
{
    /// <summary>How long it may take, in seconds. Default: 1.5 minutes. Then it stops.</summary>
    [Parameter]
    public int? TimeoutSeconds { get; set; }

    /// <summary>What it is about. Default: nothing.</summary>
    [Parameter(ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    public T[]? Subject { get; set; }
}

/// <summary>
/// Gets samples, as <see cref="RemoveSampleCommand"/>
/// would see them.
/// </summary>
/// <remarks>
/// <para>Use it with <see cref="Name"/> to look at <c>pg_class</c> &amp; others; never *all* of pg_stat_statements.</para>
/// <para>
/// It needs:
/// <list type="bullet">
/// <item><description>nothing at all,</description></item>
/// <item><term>or</term><description>a little.</description></item>
/// </list>
/// </para>
/// <para>Privileges: none. It changes nothing, or <c>all</c>.</para>
/// A <see cref="SampleDepth.Deep"/> look is <see langword="true"/> work, says <see href="https://example.org/depth"/>.
/// </remarks>
/// <default parameter="TimeoutSeconds">$2, or 7</default>
/// <example>
/// <code>Get-Sample web*</code>
/// <para>Gets the samples named web-something.</para>
/// </example>
/// <example>
/// <code>
/// foreach ($name in 'a', 'b') {
///     Get-Sample -Name $name
/// }
/// </code>
/// <para>Gets two.</para>
/// <para>One by one.</para>
/// </example>
/// <example>
/// <code>Get-Sample -Id 7 -Depth Deep | Remove-Sample</code>
/// <para>Removes what it finds.</para>
/// </example>
/// <seealso href="https://example.org/samples">All about samples</seealso>
/// <seealso cref="RemoveSampleCommand"/>
[Cmdlet(VerbsCommon.Get, "Sample", DefaultParameterSetName = "ByName")]
[OutputType(typeof(SampleItem), typeof(string))]
public sealed class GetSampleCommand : SampleCmdlet<SampleItem>
{
    /// <summary>Identifier.</summary>
    [Parameter(ParameterSetName = "ById", Mandatory = true)]
    [Alias("Key", "No")]
    public long Id { get; set; }

    /// <summary>How deep to look. Default: <see cref="SampleDepth.Shallow"/>.</summary>
    [Parameter]
    public SampleDepth Depth { get; set; }

    /// <summary>Names of the samples. Default: <c>*</c>.</summary>
    [Parameter(ParameterSetName = "ByName", Position = 0)]
    [SupportsWildcards]
    public string[]? Name { get; set; }

    /// <summary>Also gets old ones.</summary>
    [Parameter]
    public SwitchParameter Old { get; set; }

    /// <summary>Not a parameter.</summary>
    public string? Other { get; set; }
}

/// <summary>Removes samples.</summary>
/// <remarks>Plain text is a description, too.<para>Privileges: some. It changes what is there.</para></remarks>
/// <example><code>Remove-Sample</code><para>One.</para></example>
/// <example><code>Remove-Sample -WhatIf</code><para>Two.</para></example>
/// <example><code>Remove-Sample -Kind Old</code><para>Three.</para></example>
/// <seealso cref="GetSampleCommand"/>
[Cmdlet(VerbsCommon.Remove, "Sample", SupportsShouldProcess = true, DefaultParameterSetName = "Some")]
public sealed class RemoveSampleCommand : PSCmdlet
{
    /// <summary>Which kind. Default: both.</summary>
    [Parameter(Position = 1)]
    [ValidateSet("Old", "New")]
    public string? Kind { get; set; }

    /// <summary>All of them.</summary>
    [Parameter(ParameterSetName = "All", Mandatory = true)]
    public SwitchParameter All { get; set; }

    /// <summary>Where they are.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    public string? Path { get; set; }
}

// The same as the others without a word of help. Inherits one parameter that has some.
[Cmdlet(VerbsCommon.Set, "Sample")]
public sealed class SetSampleCommand : SampleCmdlet<string>
{
    [Parameter]
    public string? Value { get; set; }
}

/// <summary>Has examples, but not enough that are whole, and does not say what it changes.</summary>
/// <remarks><para></para><para>Privileges: some.</para></remarks>
/// <example><code>New-Sample</code><para>Whole.</para></example>
/// <example><code>New-Sample</code></example>
/// <example><para>What is to be typed?</para></example>
[Cmdlet(VerbsCommon.New, "Sample")]
public sealed class NewSampleCommand : PSCmdlet
{
    /// <summary>How many, or who knows.</summary>
    [Parameter]
    public int Count { get; set; }

    /// <summary>Needs no default.</summary>
    [Parameter(Mandatory = true)]
    public string? Name { get; set; }

    /// <summary>Is off where it is left out.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }
}
