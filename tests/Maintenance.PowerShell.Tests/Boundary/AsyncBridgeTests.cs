using System.Management.Automation;

namespace Maintenance.ModuleTests.Boundary;

public sealed class AsyncBridgeTests : IDisposable
{
    private readonly ModuleRunspace _runspace = new(configure: TestCmdlets.AddTo);
    private readonly WorkLog _log = new();

    [Fact]
    public void Everything_written_from_background_work_arrives_in_order()
    {
        var output = _runspace.Invoke("Test-Stream -Log $log -Count 20", ("log", _log));
        Assert.Equal(Enumerable.Range(1, 20), output.Select(item => (int)item.BaseObject));
        Assert.True(_log.Ended);
    }

    [Fact]
    public void An_early_stop_downstream_ends_the_work_before_the_prompt_is_back()
    {
        var result = _runspace.Run("Test-Stream -Log $log | Select-FirstOne", ("log", _log));
        Assert.True(_log.Ended);
        Assert.Single(result.Output);
        Assert.Null(result.Terminating);
        Assert.Empty(result.Errors);
    }

    [Fact]
    public void Warning_action_stop_ends_the_work_before_the_prompt_is_back()
    {
        var result = _runspace.Run("Test-Stream -Log $log -Warn 'look out' -WarningAction Stop", ("log", _log));
        Assert.True(_log.Ended);
        Assert.Equal(0, _log.Written);
        var stopped = Assert.IsType<ActionPreferenceStopException>(result.Terminating);
        Assert.Contains("look out", stopped.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stopping_the_pipeline_ends_the_work_before_the_prompt_is_back_without_an_error()
    {
        using var shell = _runspace.Create("Test-Stream -Log $log -Silent", ("log", _log));
        var running = shell.BeginInvoke();
        while (!_log.Started)
        {
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        await Task.Factory.FromAsync(shell.BeginStop, shell.EndStop, null);
        Assert.True(_log.Ended);
        Assert.True(_log.Cancelled);
        Assert.Empty(shell.Streams.Error);
        Assert.Equal(PSInvocationState.Stopped, shell.InvocationStateInfo.State);
        Assert.Throws<PipelineStoppedException>(() => shell.EndInvoke(running));
    }

    [Fact]
    public void What_if_from_background_work_says_no_and_goes_on()
    {
        _runspace.Invoke("Test-Stream -Log $log -Ask -Count 1 -WhatIf", ("log", _log));
        Assert.False(_log.Confirmed);
        Assert.Equal(1, _log.Written);
    }

    [Fact]
    public void Without_what_if_the_answer_is_yes()
    {
        _runspace.Invoke("Test-Stream -Log $log -Ask -Count 1", ("log", _log));
        Assert.True(_log.Confirmed);
    }

    [Fact]
    public void An_error_of_the_engine_arrives_with_its_code_its_category_and_what_to_do()
    {
        var result = _runspace.Run("Test-Stream -Log $log -Fail 'The store is away.'", ("log", _log));
        var error = Assert.Single(result.Errors);
        Assert.Equal("StoreUnreachable,Maintenance.ModuleTests.Boundary.TestStreamCommand", error.FullyQualifiedErrorId);
        Assert.Equal(ErrorCategory.ConnectionError, error.CategoryInfo.Category);
        Assert.Equal("Try this instead.", error.ErrorDetails.RecommendedAction);
        Assert.True(_log.Ended);
    }

    [Fact]
    public void A_downstream_error_action_stop_ends_the_work_and_keeps_the_original_error()
    {
        var result = _runspace.Run("Test-Stream -Log $log | ForEach-Object { throw 'downstream' }", ("log", _log));
        Assert.True(_log.Ended);
        Assert.Contains("downstream", result.Terminating!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_break_of_a_loop_around_the_pipeline_ends_the_work()
    {
        var output = _runspace.Invoke("foreach ($once in 1) { Test-Stream -Log $log | ForEach-Object { $_; break } }", ("log", _log));
        Assert.Single(output);
        Assert.True(_log.Ended);
    }

    public void Dispose() => _runspace.Dispose();
}
