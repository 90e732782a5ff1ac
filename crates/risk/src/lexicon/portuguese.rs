//! Portuguese.

use super::{Act, Kind, Language};

pub(super) const PORTUGUESE: Language = Language { verbs: VERBS, nouns: NOUNS };

const VERBS: &[(Act, &str)] = &[
    (
        Act::Read,
        "obter obtem listar buscar busca~ consultar pesquisar ver mostrar exibir ler le baixar verificar validar calcular \
         contar comparar analisar resumir traduzir traduz detectar extrair descrever encontrar recuperar visualizar \
         rastrear acompanhar conferir explorar trazer estimar cotar classificar converter retornar retorna inspecionar \
         monitorar localizar checar \
         prever interpretar diagnosticar transcrever recomendar sugerir",
    ),
    (
        Act::Edit,
        "atualizar alterar modificar mudar editar renomear mover arquivar etiquetar marcar comentar responder atribuir \
         convidar fechar reabrir habilitar desabilitar ativar desativar inativar reativar pausar suspender bloquear \
         desbloquear configurar ajustar corrigir corrige anexar salvar rejeitar recusar notificar reagendar definir \
         escrever vincular desvincular compartilhar inserir \
         matricular remarcar priorizar adiar prorrogar estender ampliar aumentar reduzir diminuir ocultar fixar silenciar destacar encaminhar reatribuir encerrar deferir indeferir homologar combinar dividir ordenar resolver substituir preencher anotar congelar descongelar \
         restaurar curtir descurtir trocar prescrever",
    ),
    (
        Act::Make,
        "criar adicionar cadastrar registrar gerar emitir enviar subir publicar importar agendar programar solicitar \
         redigir duplicar copiar confirmar aprovar autorizar aceitar completar concluir finalizar incluir inclui \
         protocolar assinar fazer faz reenviar propor liquidar \
         matricular pedir delegar designar nomear declarar expedir outorgar divulgar elaborar renovar compor inscrever filiar propor",
    ),
    (Act::Book, "reservar"),
    (Act::Transfer, "transferir transfere"),
    (Act::Open, "abrir"),
    (
        Act::Run,
        "executar rodar iniciar parar reiniciar implantar invocar disparar lancar instalar aplicar processar \
         ligar chamar conectar desconectar compilar reverter mesclar navegar testar sincronizar acionar \
         migrar desligar \
         acender reexecutar imprimir reproduzir retomar escalar",
    ),
    (Act::Vague, "gerenciar administrar realizar gerir"),
    (Act::Cancel, "cancelar anular inutilizar desmarcar"),
    (
        Act::Delete,
        "excluir deletar apagar remover eliminar limpar revogar destruir desinstalar esvaziar sobrescrever \
         descartar expulsar rescindir extinguir invalidar demitir truncar formatar zerar purgar desfazer",
    ),
    (
        Act::Pay,
        "pagar pague cobrar reembolsar estornar devolver sacar comprar vender depositar desembolsar doar recarregar \
         investir tokenizar emprestar resgatar repassar antecipar debitar creditar \
         apostar contratar amortizar financiar parcelar aportar ressarcir indenizar remunerar",
    ),
];

const NOUNS: &[(Kind, &str)] = &[
    (Kind::Settled, "transacao venda compra"),
    (
        Kind::Money,
        "pagamento cobranca cob cobv reembolso estorno devolucao transferencia saque deposito pix boleto ted tef repasse \
         dinheiro emprestimo recarga desembolso antecipacao parcela",
    ),
    (Kind::MoneyContext, "pagamento cartao credito debito cobranca pix boleto banco valor saldo lojista"),
    (Kind::Deal, "transacao venda compra operacao pedido ordem"),
    (Kind::Subscription, "assinatura recorrencia mandato"),
    (Kind::Feed, "evento notificacao boletim correio"),
    (
        Kind::Document,
        "boleto nota nfe nfse nfce cte mdfe danfe pedido agendamento reserva documento venda etiqueta remessa",
    ),
    (
        Kind::Record,
        "relatorio modelo rascunho nota cliente perfil etiqueta categoria chave lista tabela pagina regra politica \
         configuracao evento comentario lembrete alerta notificacao contato destinatario beneficiario recibo mensagem \
         formulario conta tipo estado produto item usuario loja vendedor empresa tarefa projeto pasta arquivo registro \
         preco cupom desconto fornecedor endereco nfe nfse lead",
    ),
    (Kind::Running, "execucao implantacao processo chamada verificacao fluxo"),
    (
        Kind::Information,
        "status informacao detalhe historico estatistica saldo extrato ajuda versao resumo cotacao tarifa preco clima \
         resultado listagem relatorio situacao tipo consulta",
    ),
    (Kind::Travel, "voo hotel quarto viagem taxi passagem"),
    (Kind::HandedOver, "chamada conversa arquivo propriedade projeto contato tarefa atendimento"),
    (
        Kind::Intro,
        "esta este essa esse ferramenta permite permitem para que serve funcao usar use utilize pode voce o os as",
    ),
    (Kind::Negation, "nao sem nunca nem"),
    (Kind::Preposition, "para com desde em por pelo pela no na nos nas conforme mediante usando via ao"),
    (Kind::Determiner, "o a os as um uma uns umas todos todas este esta seu sua"),
    (Kind::Conjunction, "e ou"),
];
