//! Spanish.

use super::{Act, Kind, Language};

pub(super) const SPANISH: Language = Language { verbs: VERBS, nouns: NOUNS };

const VERBS: &[(Act, &str)] = &[
    (
        Act::Read,
        "obtener obtiene obten listar lista~ buscar consultar ver mostrar muestra leer descargar verificar validar \
         calcular contar comparar analizar resumir traducir detectar extraer describir encontrar encuentra \
         recuperar visualizar rastrear seguir comprobar revisar explorar traer conocer estimar cotizar previsualizar \
         clasificar convertir averiguar devuelve retorna retornar inspeccionar monitorear \
         pronosticar predecir interpretar diagnosticar transcribir recomendar sugerir",
    ),
    (Act::Simulate, "simular"),
    (Act::Capture, "capturar"),
    (
        Act::Edit,
        "actualizar modificar cambiar editar renombrar mover archivar etiquetar marcar comentar responder asignar invitar \
         cerrar reabrir habilitar deshabilitar activar desactivar reactivar pausar suspender bloquear desbloquear \
         configurar ajustar corregir adjuntar guardar rechazar notificar reprogramar establecer escribir vincular \
         desvincular compartir \
         matricular trasladar reasignar priorizar posponer aplazar prorrogar extender ampliar reducir aumentar incrementar disminuir ocultar destacar fijar silenciar rellenar combinar dividir ordenar derivar escalar sustituir unir resolver reabrir congelar descongelar mencionar denegar aceptar anotar \
         restaurar recetar intercambiar",
    ),
    (
        Act::Make,
        "crear agregar anadir registrar generar genera emitir emite enviar envia subir publicar importar agendar \
         programar solicitar redactar duplicar copiar confirmar aprobar autorizar aceptar completar \
         finalizar presentar timbrar alta inscribir hacer haz firmar \
         reenviar proponer liquidar \
         matricular apuntar encargar pedir citar designar nombrar delegar declarar expedir otorgar difundir confeccionar elaborar renovar componer inscribir afiliar empadronar",
    ),
    (Act::Book, "reservar"),
    (Act::Transfer, "transferir transfiere"),
    (Act::Open, "abrir abre"),
    (
        Act::Run,
        "ejecutar correr iniciar inicia arrancar detener detiene parar reiniciar desplegar despliega invocar disparar \
         lanzar instalar aplicar procesar llamar conectar desconectar compilar revertir reintentar fusionar navegar \
         probar sincronizar migrar \
         encender prender reejecutar sincronizar imprimir reproducir reanudar",
    ),
    (Act::Vague, "gestionar administrar manejar realizar"),
    (Act::Cancel, "cancelar anular anula"),
    (
        Act::Delete,
        "eliminar borrar suprimir quitar remover vaciar limpiar revocar destruir desinstalar purgar reemplazar anonimizar dardebaja dadebaja \
         desechar descartar expulsar rescindir extinguir invalidar despedir truncar formatear sobrescribir sobreescribir deshacer",
    ),
    (
        Act::Pay,
        "pagar cobrar reembolsar retirar comprar vender depositar abonar desembolsar girar donar recargar invertir \
         dispersar tokenizar prestar canjear devolver \
         domiciliar invertir apostar pujar contratar amortizar financiar remunerar indemnizar debitar acreditar",
    ),
];

const NOUNS: &[(Kind, &str)] = &[
    (Kind::Settled, "transaccion venta compra"),
    (
        Kind::Money,
        "pago cobro cargo reembolso devolucion transferencia retiro deposito desembolso dispersion dinero fondo giro abono \
         prestamo recarga spei pse contracargo remesa nomina efectivo",
    ),
    (Kind::MoneyContext, "pago tarjeta credito debito cobro banco monto importe saldo comercio"),
    (Kind::Deal, "transaccion orden venta compra operacion pedido"),
    (Kind::Subscription, "suscripcion domiciliacion recurrencia mandato"),
    (Kind::Feed, "evento notificacion boletin correo"),
    (Kind::Document, "factura comprobante pedido cita reserva documento guia remision cfdi orden venta envio"),
    (
        Kind::Record,
        "reporte informe plantilla borrador nota cliente perfil etiqueta categoria clave lista tabla pagina regla politica \
         configuracion evento comentario recordatorio alerta notificacion contacto destinatario beneficiario recibo \
         mensaje correo formulario cuenta tipo estado producto articulo usuario tienda vendedor empresa tarea proyecto \
         carpeta archivo registro precio cupon descuento proveedor direccion",
    ),
    (Kind::Running, "ejecucion despliegue proceso llamada verificacion flujo"),
    (
        Kind::Information,
        "estado informacion detalle historial estadistica saldo ayuda version resumen cotizacion tarifa precio clima \
         resultado listado reporte tipo consulta",
    ),
    (Kind::Travel, "vuelo hotel habitacion viaje taxi "),
    (Kind::HandedOver, "llamada conversacion archivo propiedad proyecto contacto tarea"),
    (
        Kind::Intro,
        "esta este herramienta permite permiten para que sirve el la funcion usar usa utiliza se los las puede te",
    ),
    (Kind::Negation, "no sin nunca ni"),
    (Kind::Preposition, "para con desde en por a segun mediante y o usando"),
    (Kind::Determiner, "el la los las un una unos unas lo todos todas este esta"),
    (Kind::Conjunction, "y o e u"),
];
