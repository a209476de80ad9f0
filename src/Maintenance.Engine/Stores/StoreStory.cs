using System.Diagnostics;
using System.Globalization;
using Azure.Core;
using Azure.Core.Pipeline;

namespace Maintenance.Engine.Stores;

/// <summary>Tells of each request to a blob store: which address, what came of it, and how long it took. What follows the path may be a signature, and is not told.</summary>
internal sealed class StoreStory(IMaintenanceSink sink) : HttpPipelinePolicy
{
    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        var began = Stopwatch.GetTimestamp();
        try
        {
            ProcessNext(message, pipeline);
        }
        finally
        {
            Tell(message, began);
        }
    }

    public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        var began = Stopwatch.GetTimestamp();
        try
        {
            await ProcessNextAsync(message, pipeline);
        }
        finally
        {
            Tell(message, began);
        }
    }

    private void Tell(HttpMessage message, long began) => sink.Verbose(string.Create(
        CultureInfo.InvariantCulture,
        $"{message.Request.Method} {message.Request.Uri.ToUri().GetLeftPart(UriPartial.Path)}: {(message.HasResponse ? message.Response.Status : "no answer")} ({Stopwatch.GetElapsedTime(began).TotalMilliseconds:0.#} ms)."));
}
