import ArgumentParser

/// The benchmarks of HDM. Compare ratios within one run; absolute figures differ between machines.
@main
struct HdmBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hdm-bench", abstract: "Benchmarks of HDM.",
        subcommands: [
            PipelineCommand.self, MatchCommand.self, TransfersCommand.self, SubmissionsCommand.self, StageCommand.self,
            RawStageCommand.self,
        ])
}
