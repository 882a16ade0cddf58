import ArgumentParser

/// Measures HDM. Figures are ratios within one run: absolute ones say little about another machine.
@main
struct HdmBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hdm-bench", abstract: "Benchmarks of HDM.",
        subcommands: [
            PipelineCommand.self, MatchCommand.self, TransfersCommand.self, StageCommand.self, RawStageCommand.self,
        ])
}
