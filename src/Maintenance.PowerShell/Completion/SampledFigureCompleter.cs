using Maintenance.Engine.Performance.Samples;

namespace Maintenance.Completion;

/// <summary>Completes the names of figures that are sampled.</summary>
public sealed class SampledFigureCompleter : NameCompleter
{
    internal override NameSearch? Search(NameRequest request) =>
        Known(() => SampleService.Figures.Select(figure => new NameChoice(figure.Name, figure.Title)));
}
